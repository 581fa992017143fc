import {$, type Command} from '../shell/command.ts'
import {Secret} from '../shell/secret.ts'
import {sha256Of} from './content.ts'
import {fileAfter, fileChanges} from './file-change.ts'
import {foreseePath} from './foresee-path.ts'
import {type Foresight, Unforeseen} from './foresight.ts'
import {providesBetween} from './path-change.ts'
import {pathObstacle} from './path-kind.ts'
import {type PathQuestion, pathQuestion} from './path-question.ts'
import {type PathState, pathState} from './path-state.ts'
import {
  type Answer,
  type FileWrite,
  type Handler,
  type Kind,
  type Resource,
  resourceOf,
  Unreadable,
} from './resource.ts'
import {accountRule, broken, modeRule, nameRule, pathRule} from './rules.ts'
import {afterUnitFile} from './unit-file.ts'

export type FilesetDesired = {
  readonly name: string
  readonly files: readonly FileWrite[]
  readonly check: Command
  readonly confirm?: Command
}

/** Files that only one check over all of them can judge: all are put in place, or all former ones are put back. */
export const filesetKind: Kind<FilesetDesired, readonly PathState[]> = {
  name: 'fileset',
  identify: ({name}) => name,
  probe: ({files}) => ({command: files.map(question).reduce((all, one) => $`${all}\n${one}`), parse: states(files)}),
  predict: ({files}, current, foresight) => foresee(files, current, foresight),
  obstacle: ({files}, current) =>
    pair(files, current)
      .map(([file, state]) => (state.type === 'directory' ? `${file.path} is a directory` : pathObstacle(file, state)))
      .find(found => found !== undefined),
  diff: ({files}, current) =>
    pair(files, current).flatMap(([file, state]) =>
      fileChanges(file, state).map(change => ({...change, path: `${file.path} ${change.path}`})),
    ),
  steps: ({name, files, check}, changes) => [
    // Those that are right keep their time of modification, by which a daemon's debt is told.
    {do: 'write', title: `write the files of ${name}`, files: changed(files, changes), check},
    ...changed(files, changes)
      .flatMap(({path}) => afterUnitFile(path))
      .slice(0, 1),
  ],
  provides({files}, _changes, current) {
    const all = pair(files, current).map(([file, state]) => providesBetween(state, fileAfter(file, state)))
    return {
      units: all.flatMap(({units = []}) => units),
      daemonReloaded: all.some(one => one.daemonReloaded),
      paths: new Map(all.flatMap(({paths = []}) => [...paths])),
    }
  },
  guard: ({files, confirm}, changes) =>
    confirm && {paths: changed(files, changes).map(({path}) => path), apply: confirm},
  paths: ({files}) => files.map(({path}) => path),
  problems: ({name, files}) =>
    broken(
      nameRule('name', name),
      files.length === 0 ? 'files: there is none' : undefined,
      ...files.flatMap(({path, mode, owner, group}, index) => [
        pathRule(`files[${index}].path`, path),
        files.findIndex(other => other.path === path) < index
          ? `files[${index}].path: ${path} is there twice`
          : undefined,
        modeRule(`files[${index}].mode`, mode),
        accountRule(`files[${index}].owner`, owner),
        accountRule(`files[${index}].group`, group),
      ]),
    ),
}

/** A line before each file's answer; a subshell, because the question about one file ends its shell. */
const question = (file: FileWrite): Command => $`echo file; (${pathQuestion(questionOf(file))}) || exit`

const questionOf = ({path, owner, group, content}: FileWrite): PathQuestion => ({
  path,
  owner,
  group,
  ...(!(content instanceof Secret) && {unlessSha256: sha256Of(content)}),
})

const foresee = (
  files: readonly FileWrite[],
  current: readonly PathState[],
  foresight: Foresight,
): readonly PathState[] | Unforeseen => {
  const states: PathState[] = []
  for (const [file, state] of pair(files, current)) {
    const foreseen = foreseePath(questionOf(file), state, foresight)
    if (foreseen instanceof Unforeseen) return foreseen
    states.push(foreseen)
  }
  return states
}

const states =
  (files: readonly FileWrite[]) =>
  ({code, stdout, stderr}: Answer): PathState[] => {
    const answers = stdout.split(/^file\n/m).slice(1)
    if (code !== 0 || answers.length !== files.length) throw new Unreadable(stderr.trim() || `exit code ${code}`)
    return files.map(({path}, index) => pathState(path, {code: 0, stdout: answers[index] ?? '', stderr: ''}))
  }

const pair = (files: readonly FileWrite[], current: readonly PathState[]): [FileWrite, PathState][] =>
  files.flatMap((file, index) => (current[index] ? [[file, current[index]] as [FileWrite, PathState]] : []))

const changed = (files: readonly FileWrite[], changes: readonly {path: string}[]): FileWrite[] =>
  files.filter(file => changes.some(({path}) => path.slice(0, path.lastIndexOf(' ')) === file.path))

const build = resourceOf(filesetKind)

/** Replaces `files` together, then runs `check` on them in place; when that fails, all former files are put back. */
export const fileset = (options: {
  readonly name: string
  readonly files: readonly {
    readonly path: string
    readonly content: string | Secret
    readonly mode?: string
    readonly owner?: string
    readonly group?: string
  }[]
  readonly check: Command
  /** As that of a file: they can cut the way to the host. */
  readonly confirm?: Command
  readonly notify?: readonly Handler[]
}): Resource<FilesetDesired, readonly PathState[]> => {
  const {name, files, check, confirm, notify} = options
  const all = files.map(file => ({mode: '0644', owner: 'root', group: 'root', ...file}))
  return build({name, check, files: all, ...(confirm && {confirm})}, notify)
}
