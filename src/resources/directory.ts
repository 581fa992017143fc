import {type Attributes, fresh, gone, typeName, withAttributes} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import type {PathState} from './path-state.ts'
import {type Handler, type Resource, resourceOf} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type DirectoryDesired = Attributes & {
  readonly path: string
  readonly state: 'present' | 'absent'
}

/** A directory, or none: then all that is in it goes as well. Its parent has to be there. */
export const directoryKind = pathKind<DirectoryDesired>({
  name: 'directory',
  identify: ({path}) => path,
  question: ({path, owner, group}) => ({path, owner, group}),
  wanted(desired, current) {
    if (current.type !== 'absent' && current.type !== 'directory')
      return `${desired.path} is no directory (${typeName(current)})`
    if (desired.state === 'absent') return gone(current)
    return withAttributes(current.type === 'absent' ? fresh(current, {type: 'directory'}) : current, desired)
  },
  problems: desired =>
    broken(
      pathRule('path', desired.path),
      ...attributeRules(desired),
      desired.state === 'absent' &&
        /^\/[^/]*(\/[^/]*)?$/.test(desired.path) &&
        !/^\/(etc|opt|srv|tmp|run)\/./.test(desired.path)
        ? `state: ${desired.path} is too near to the root to be removed with all that is in it`
        : undefined,
    ),
})

const build = resourceOf(directoryKind)

/** A directory with this mode (four octal digits) and owner; `state: 'absent'`: none, and nothing in it. */
export const directory = (options: {
  readonly path: string
  readonly state?: 'present' | 'absent'
  readonly mode?: string
  readonly owner?: string
  readonly group?: string
  readonly notify?: readonly Handler[]
}): Resource<DirectoryDesired, PathState> => {
  const {path, state = 'present', mode = '0755', owner = 'root', group = 'root', notify} = options
  return build({path, state, mode, owner, group}, notify)
}
