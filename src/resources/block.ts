import {reveal, Secret} from '../shell/secret.ts'
import {type BlockEdit, editBlock} from './edit-block.ts'
import {type EditedFile, edited, regexRule} from './edited.ts'
import {contradict} from './path-change.ts'
import {pathKind} from './path-kind.ts'
import {compilePythonRegex} from './python-regex.ts'
import {resourceOf} from './resource.ts'
import {attributeRules, broken, pathRule} from './rules.ts'

export type BlockDesired = EditedFile &
  Omit<BlockEdit, 'block'> & {
    readonly state: 'present' | 'absent'
    readonly block: string | Secret
  }

/** Lines between two markers in a file that others write as well. */
export const blockKind = pathKind<BlockDesired>({
  name: 'block',
  identify: ({path, begin, state}) => `${path}: ${state === 'absent' ? 'no ' : ''}${begin.replaceAll(/[\r\n]+/g, ' ')}`,
  question: ({path, owner, group}) => ({path, owner, group, follow: true, creator: true, content: true}),
  wanted(desired, current) {
    const isPresent = desired.state === 'present'
    const edit = {...desired, block: isPresent ? reveal(desired.block) : ''}
    // Without 'create' a missing file is an error also where nothing is to be put in.
    if (current.type === 'absent' && !desired.create) return `${desired.path} does not exist; 'create: true' makes it`
    const isSecret = desired.block instanceof Secret
    return edited(
      {...desired, needsFile: isPresent, makesEmpty: true},
      current,
      content => editBlock(content, edit),
      isSecret,
    )
  },
  writing: desired => desired,
  makesParents: ({create}) => create === true,
  isBeside: (one, other) => reveal(one.block) === reveal(other.block) && !contradict(one, other),
  problems: ({path, begin, end, insertafter, insertbefore, ...attributes}) =>
    broken(
      pathRule('path', path),
      ...attributeRules(attributes, 'symbolic'),
      begin === end ? 'marker: its beginning and end are the same; it needs {mark}' : undefined,
      /[\r\n]/.test(begin + end) ? 'marker: it holds several lines' : undefined,
      insertafter === undefined || insertafter === 'EOF'
        ? undefined
        : regexRule('insertafter', () => compilePythonRegex(insertafter)),
      insertbefore === undefined || insertbefore === 'BOF'
        ? undefined
        : regexRule('insertbefore', () => compilePythonRegex(insertbefore)),
    ),
})

export const block = resourceOf(blockKind)
