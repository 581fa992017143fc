import {$, type Command} from '../shell/command.ts'
import {Secret} from '../shell/secret.ts'
import {candidateOf} from './candidate.ts'
import {fileChanges, isRewrite, metadataStep, sha256Of} from './file-change.ts'
import {foreseePath, type PathState, pathObstacle, pathQuestion, pathState} from './path-state.ts'
import {type FileWrite, type Handler, type Kind, type Resource, resourceOf, type Step} from './resource.ts'
import {accountRule, broken, modeRule, pathRule} from './rules.ts'
import {afterUnitFile, unitFileProvides} from './unit-file.ts'

export type FileDesired =
  | {readonly state: 'absent'; readonly path: string}
  | (FileWrite & {readonly state: 'present'; readonly validate?: Command})

/** A regular file, or none. Another type at its path is replaced, a directory is not. */
export const fileKind: Kind<FileDesired, PathState> = {
  name: 'file',
  identify: desired => desired.path,
  probe: desired => ({
    command: pathQuestion(
      desired.state === 'absent'
        ? {path: desired.path}
        : {
            path: desired.path,
            owner: desired.owner,
            group: desired.group,
            // Neither a secret's digest nor what stands in its place may be sent.
            ...(!(desired.content instanceof Secret) && {unlessSha256: sha256Of(desired.content)}),
          },
    ),
    parse: answer => pathState(desired.path, answer),
  }),
  predict: (desired, current, foresight) =>
    foreseePath(desired.state === 'absent' ? {...desired, owner: 'root', group: 'root'} : desired, current, foresight),
  obstacle: (desired, current) => {
    if (current.type === 'directory') return `${desired.path} is a directory`
    return desired.state === 'absent' ? undefined : pathObstacle(desired, current)
  },
  diff(desired, current) {
    if (desired.state === 'present') return fileChanges(desired, current)
    return current.type === 'absent' ? [] : [{path: 'state', from: 'present', to: 'absent'}]
  },
  steps(desired, changes) {
    if (desired.state === 'absent')
      return [
        {do: 'run', title: `remove ${desired.path}`, command: $`rm -f -- ${desired.path}`},
        ...afterUnitFile(desired.path),
      ]
    if (!isRewrite(changes)) return [metadataStep(desired, changes)]
    return [writeStep(desired), ...afterUnitFile(desired.path)]
  },
  provides(desired, changes) {
    if (desired.state === 'absent') return {daemonReloaded: unitFileProvides(desired.path).daemonReloaded ?? false}
    return isRewrite(changes) ? unitFileProvides(desired.path) : {}
  },
  paths: desired => [desired.path],
  problems: desired =>
    broken(
      pathRule('path', desired.path),
      ...(desired.state === 'absent'
        ? []
        : [modeRule('mode', desired.mode), accountRule('owner', desired.owner), accountRule('group', desired.group)]),
    ),
}

const writeStep = ({path, content, mode, owner, group, validate}: FileDesired & {state: 'present'}): Step => ({
  do: 'write',
  title: `write ${path}`,
  files: [{path, content, mode, owner, group}],
  ...(validate && {validate}),
})

type FileOptions = {
  readonly path: string
  readonly notify?: readonly Handler[]
} & (
  | {readonly state: 'absent'}
  | {
      readonly state?: 'present'
      readonly content: string | Secret
      /** Four octal digits; 0644 unless said otherwise. */
      readonly mode?: string
      readonly owner?: string
      readonly group?: string
      /** Checks the new content before it is in place; gets the path where it waits. */
      readonly validate?: (candidate: string) => Command
    }
)

const build = resourceOf(fileKind)

/** A file with exactly this content, mode and owner; `state: 'absent'`: no file. */
export const file = (options: FileOptions): Resource<FileDesired, PathState> => {
  const {path, notify} = options
  if (options.state === 'absent') return build({state: 'absent', path}, notify)
  const {content, mode = '0644', owner = 'root', group = 'root', validate} = options
  return build(
    {state: 'present', path, content, mode, owner, group, ...(validate && {validate: validate(candidateOf(path))})},
    notify,
  )
}
