import type {Command} from '../shell/command.ts'
import {Secret} from '../shell/secret.ts'
import {candidateOf} from './candidate.ts'
import {type Content, sha256Of} from './content.ts'
import {fileAfter} from './file-change.ts'
import {type Attributes, gone} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import type {PathState} from './path-state.ts'
import {type Handler, type Resource, resourceOf} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type FileDesired =
  | {readonly state: 'absent'; readonly path: string; readonly confirm?: Command}
  | (Attributes & {
      readonly state: 'present'
      readonly path: string
      readonly content: Content
      readonly validate?: Command
      readonly confirm?: Command
      /** Words of a command that checks the new content; `%s` is where it waits. */
      readonly check?: readonly string[]
      readonly backup?: boolean
      /** What is there stays as it is. */
      readonly onlyNew?: boolean
      /** A link at the path is followed; otherwise it is replaced. */
      readonly follow?: boolean
      /** The name that the file gets in a directory, where the path is one. */
      readonly into?: string
      /** Directories above that are missing are made. */
      readonly parents?: boolean
      /** One of several tasks, done in their order. */
      readonly inOrder?: true
    })

type Present = FileDesired & {readonly state: 'present'}

/** A regular file, or none. Another type at its path is replaced, a directory is not. */
export const fileKind = pathKind<FileDesired>({
  name: 'file',
  identify: ({path}) => path,
  question: desired => {
    if (desired.state === 'absent') return {path: desired.path}
    const {path, owner, group, follow, into, content} = desired
    return {
      path,
      owner,
      group,
      follow,
      into,
      creator: owner === undefined || group === undefined,
      // Neither a secret's digest nor what stands in its place may be sent.
      ...(!(content instanceof Secret) && {unlessSha256: sha256Of(content)}),
    }
  },
  wanted(desired, current) {
    if (current.type === 'directory') return `${current.at} is a directory`
    if (desired.state === 'absent') return gone(current)
    if (desired.onlyNew && current.type !== 'absent') return current
    return fileAfter(desired, current)
  },
  writing: desired => (desired.state === 'absent' ? {} : desired),
  makesParents: desired => desired.state === 'present' && desired.parents === true,
  isBeside: (one, other) =>
    isInOrder(one) &&
    isInOrder(other) &&
    (sha256Of(one.content) === sha256Of(other.content) || one.into !== other.into),
  isInOrder: desired => isInOrder(desired),
  problems: desired =>
    broken(
      pathRule('path', desired.path),
      ...(desired.state === 'absent' ? [] : attributeRules(desired, desired.inOrder && 'symbolic')),
    ),
})

const isInOrder = (desired: FileDesired): desired is Present => desired.state === 'present' && desired.inOrder === true

type FileOptions = {
  readonly path: string
  readonly notify?: readonly Handler[]
  /**
   * It can cut the way to the host: what makes a daemon read it (`$`systemctl reload ssh``; `$`true`` where nothing has
   * to). The host takes the change back by itself unless a new login confirms it.
   */
  readonly confirm?: Command
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

export const fileResource = resourceOf(fileKind)

/** A file with exactly this content, mode and owner; `state: 'absent'`: no file. */
export const file = (options: FileOptions): Resource<FileDesired, PathState> => {
  const {path, notify, confirm} = options
  const guarded = confirm && {confirm}
  if (options.state === 'absent') return fileResource({state: 'absent', path, ...guarded}, notify)
  const {content, mode = '0644', owner = 'root', group = 'root', validate} = options
  return fileResource(
    {
      state: 'present',
      path,
      content,
      mode,
      owner,
      group,
      ...(validate && {validate: validate(candidateOf(path))}),
      ...guarded,
    },
    notify,
  )
}
