import {Secret} from '../shell/secret.ts'
import {Bytes, bytesOf, type Content, utf8Of} from './content.ts'
import {fileAfter} from './file-change.ts'
import {type Attributes, withAttributes} from './path-change.ts'
import {contentCap} from './path-question.ts'
import type {PathState} from './path-state.ts'
import {RegexError} from './python-regex.ts'

/** A file of which only a part is ours. */
export type EditedFile = Attributes & {
  readonly path: string
  readonly create?: boolean
  readonly backup?: boolean
  /** Words of a command that checks the new content; `%s` is where it waits. */
  readonly check?: readonly string[]
}

/** The file with its content edited, or why that cannot be; `edit` gets and gives bytes as latin1. */
export const edited = (
  desired: EditedFile & {readonly needsFile: boolean; readonly makesEmpty?: boolean},
  current: PathState,
  edit: (content: string) => string,
  isSecret: boolean,
): PathState | string => {
  const {path} = desired
  if (current.type === 'directory') return `${path} is a directory`
  if (current.type === 'absent') {
    if (!desired.needsFile) return current
    if (!desired.create) return `${path} does not exist; 'create: true' makes it`
  } else if (current.type !== 'file') return `${path} is no regular file`
  if (current.at !== current.named && hasAttributes(desired))
    return `${path} is a link, of which Ansible would set the owner and mode; name ${current.at} instead`
  if (current.type === 'file' && !current.content) return `${path} is longer than ${contentCap / 1024 ** 2} MiB`
  const before = current.content ? bytesOf(current.content).toString('latin1') : ''
  const after = edit(before)
  if (edit(after) !== after) return `${path} would be changed again by each run`
  if (current.type === 'file' && after === before) return withAttributes(current, desired)
  if (current.type === 'absent' && after === '' && !desired.makesEmpty) return current
  return fileAfter({...desired, content: contentOf(after, isSecret || current.content instanceof Secret)}, current)
}

const hasAttributes = ({mode, owner, group}: Attributes): boolean => Boolean(mode ?? owner ?? group)

const contentOf = (latin1: string, isSecret: boolean): Content => {
  const bytes = Buffer.from(latin1, 'latin1')
  const text = utf8Of(bytes)
  return isSecret && text !== undefined ? new Secret(text) : new Bytes(bytes)
}

/** Why an expression cannot be taken, as a rule of its field. */
export const regexRule = (field: string, compile: () => unknown): string | undefined => {
  try {
    compile()
    return undefined
  } catch (error) {
    if (error instanceof RegexError) return `${field}: ${error.message}`
    throw error
  }
}
