import {$} from '../shell/command.ts'
import {candidateOf} from './candidate.ts'
import {foreseePath, type PathState, pathObstacle, pathQuestion, pathState} from './path-state.ts'
import {type Handler, type Kind, type Resource, resourceOf} from './resource.ts'
import {broken, pathRule} from './rules.ts'
import {afterUnitFile, unitFileProvides} from './unit-file.ts'

export type LinkDesired =
  | {readonly state: 'absent'; readonly path: string}
  | {readonly state: 'present'; readonly path: string; readonly to: string}

const asRoot = ({path}: LinkDesired) => ({path, owner: 'root', group: 'root'})

/** A symbolic link, or none. What it points to need not exist. */
export const linkKind: Kind<LinkDesired, PathState> = {
  name: 'link',
  identify: ({path}) => path,
  probe: ({path}) => ({command: pathQuestion({path}), parse: answer => pathState(path, answer)}),
  predict: (desired, current, foresight) => foreseePath(asRoot(desired), current, foresight),
  obstacle(desired, current) {
    if (current.type === 'directory') return `${desired.path} is a directory`
    return desired.state === 'absent' ? undefined : pathObstacle(asRoot(desired), current)
  },
  diff(desired, current) {
    const state = current.type === 'absent' ? 'absent' : 'present'
    if (state !== desired.state) return [{path: 'state', from: state, to: desired.state}]
    if (desired.state === 'absent') return []
    if (current.type !== 'link') return [{path: 'type', from: current.type, to: 'link'}]
    return current.target === desired.to ? [] : [{path: 'to', from: current.target ?? '', to: desired.to}]
  },
  steps(desired) {
    const {path} = desired
    if (desired.state === 'absent')
      return [{do: 'run', title: `remove ${path}`, command: $`rm -f -- ${path}`}, ...afterUnitFile(path)]
    const waiting = candidateOf(path)
    const command = $`ln -sfn -- ${desired.to} ${waiting} && mv -fT -- ${waiting} ${path}`
    return [{do: 'run', title: `link ${path} to ${desired.to}`, command}, ...afterUnitFile(path)]
  },
  provides: ({path}) => ({daemonReloaded: unitFileProvides(path).daemonReloaded ?? false}),
  problems: desired =>
    broken(
      pathRule('path', desired.path),
      desired.state === 'present' && (desired.to === '' || /[\0\n]/.test(desired.to))
        ? `to: ${JSON.stringify(desired.to)} is not what a link can point to`
        : undefined,
    ),
}

const build = resourceOf(linkKind)

/** A symbolic link at `path` that points to `to`; `state: 'absent'`: none. */
export const link = (
  options: {readonly path: string; readonly notify?: readonly Handler[]} & (
    | {readonly state: 'absent'}
    | {readonly state?: 'present'; readonly to: string}
  ),
): Resource<LinkDesired, PathState> =>
  options.state === 'absent'
    ? build({state: 'absent', path: options.path}, options.notify)
    : build({state: 'present', path: options.path, to: options.to}, options.notify)
