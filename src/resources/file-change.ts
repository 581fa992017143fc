import type {Content} from './content.ts'
import {type Attributes, changesBetween, fresh, holding, withAttributes} from './path-change.ts'
import type {PathState} from './path-state.ts'
import type {Change} from './resource.ts'

/** A regular file with this content in the place of what is there; the same content keeps the file. */
export const fileAfter = (desired: Attributes & {readonly content: Content}, current: PathState): PathState => {
  const file = current.type === 'file' ? current : fresh(current, {type: 'file'})
  const held = holding(desired.content)
  const content = held.sha256 === file.sha256 ? held : {...held, inode: undefined}
  return withAttributes({...file, ...content}, desired)
}

/**
 * What differs between a file and what stands at its path: `state` and `content` when nothing is there, `type` alone when it is no
 * regular file, else any of `content`, `mode`, `owner`, `group`.
 */
export const fileChanges = (desired: Attributes & {readonly content: Content}, current: PathState): Change[] =>
  changesBetween(current, fileAfter(desired, current))
