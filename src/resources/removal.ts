import {gone} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import {resourceOf} from './resource.ts'
import {broken, pathRule} from './rules.ts'

export type RemovalDesired = {readonly path: string}

const kept =
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)$|^\/usr\/(bin|include|lib|lib64|libexec|local|sbin|share|src)$|^\/usr\/local\/(bin|lib|sbin)$|^\/var\/(cache|lib|lock|log|mail|run|spool|tmp)$|^\/var\/lib\/(dpkg|apt|systemd|gatewright)$|^\/etc\/(apt|ssh|systemd|ssl|pam\.d)$/

/** Nothing at a path: a directory goes with all that is in it. */
export const removalKind = pathKind<RemovalDesired>({
  name: 'removal',
  identify: ({path}) => path,
  question: ({path}) => ({path, emptiness: true, isAbsentBelowFile: true}),
  wanted: (_desired, current) => (current.type === 'absent' ? current : gone(current)),
  isBeside: () => true,
  problems: ({path}) =>
    broken(
      pathRule('path', path),
      kept.test(path)
        ? `path: the host cannot do without ${path}, which would be removed with all that is in it`
        : undefined,
    ),
})

export const removal = resourceOf(removalKind)
