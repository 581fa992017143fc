import {$} from '../shell/command.ts'
import {metadataChanges, metadataStep, typeName} from './file-change.ts'
import {foreseePath, type PathState, pathObstacle, pathQuestion, pathState} from './path-state.ts'
import {type Handler, type Kind, type Resource, resourceOf} from './resource.ts'
import {accountRule, broken, modeRule, pathRule} from './rules.ts'

export type DirectoryDesired = {
  readonly path: string
  readonly state: 'present' | 'absent'
  readonly mode: string
  readonly owner: string
  readonly group: string
}

/** A directory, or none: then all that is in it goes as well. Its parent has to be there. */
export const directoryKind: Kind<DirectoryDesired, PathState> = {
  name: 'directory',
  identify: ({path}) => path,
  probe: ({path, owner, group}) => ({
    command: pathQuestion({path, owner, group}),
    parse: answer => pathState(path, answer),
  }),
  predict: foreseePath,
  obstacle(desired, current) {
    if (current.type !== 'absent' && current.type !== 'directory')
      return `${desired.path} is no directory (${typeName(current)})`
    return desired.state === 'absent' ? undefined : pathObstacle(desired, current)
  },
  diff(desired, current) {
    const state = current.type === 'absent' ? 'absent' : 'present'
    if (state !== desired.state) return [{path: 'state', from: state, to: desired.state}]
    return state === 'absent' ? [] : metadataChanges(desired, current)
  },
  steps(desired, changes) {
    const {path, mode, owner, group} = desired
    if (desired.state === 'absent')
      return [{do: 'run', title: `remove ${path}`, command: $`rm -rf --one-file-system -- ${path}`}]
    if (changes[0]?.path !== 'state') return [metadataStep(desired, changes)]
    // Nobody may look in before owner and mode are right.
    const command = $`mkdir -m 0700 -- ${path} && chown -- ${`${owner}:${group}`} ${path} && chmod -- ${mode} ${path}`
    return [{do: 'run', title: `make the directory ${path}`, command}]
  },
  provides: ({state, path, mode, owner, group}) =>
    state === 'absent' ? {} : {directories: [{path, mode, owner, group}]},
  problems: ({path, state, mode, owner, group}) =>
    broken(
      pathRule('path', path),
      modeRule('mode', mode),
      accountRule('owner', owner),
      accountRule('group', group),
      state === 'absent' && /^\/[^/]*(\/[^/]*)?$/.test(path) && !/^\/(etc|opt|srv|tmp|run)\/./.test(path)
        ? `state: ${path} is too near to the root to be removed with all that is in it`
        : undefined,
    ),
}

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
