import {compilePythonRegex, latin1} from './python-regex.ts'

/** What a block edit wants, in Ansible's words. */
export type BlockEdit = {
  /** Empty: no block. */
  readonly block: string
  readonly begin: string
  readonly end: string
  readonly insertafter?: string
  readonly insertbefore?: string
}

/** Content as blockinfile leaves it; bytes as latin1. Throws RegexError. */
export const editBlock = (content: string, edit: BlockEdit): string => {
  const [begin, end] = [`${latin1(edit.begin)}\n`, `${latin1(edit.end)}\n`]
  const lines = linesOf(content)
  const [first, last] = [lines.lastIndexOf(begin), lines.lastIndexOf(end)]
  const isThere = first !== -1 && last !== -1
  const at = isThere ? Math.min(first, last) : placeFor(content, lines, edit)
  const rest = isThere ? lines.toSpliced(at, Math.abs(last - first) + 1) : lines
  const before = rest.slice(0, at)
  const joint = before.length > 0 && !before.at(-1)?.endsWith('\n') ? '\n' : ''
  return `${before.join('')}${joint}${blockOf(edit, begin, end)}${rest.slice(at).join('')}`
}

const linesOf = (content: string): string[] => content.split(/(?<=\n|\r(?!\n))/).filter(line => line !== '')

const blockOf = ({block}: BlockEdit, begin: string, end: string): string => {
  const text = latin1(block)
  if (text === '') return ''
  return `${begin}${text}${text.endsWith('\n') ? '' : '\n'}${end}`
}

const placeFor = (content: string, lines: readonly string[], {insertafter, insertbefore}: BlockEdit): number => {
  const after = insertafter === 'EOF' ? undefined : insertafter
  const expression = after ?? (insertbefore === 'BOF' ? undefined : insertbefore)
  if (expression === undefined) return insertbefore === undefined ? lines.length : 0
  const regex = compilePythonRegex(expression)
  const found = regex.isMultiline
    ? lineOfMatch(content, regex.search(content), insertafter !== undefined)
    : lines.findLastIndex(line => regex.search(line))
  if (found === -1) return lines.length
  return insertafter === undefined ? found : found + 1
}

/** Lines are counted by their line feeds, as Ansible does. */
const lineOfMatch = (content: string, match: RegExpExecArray | null, toEnd: boolean): number =>
  match ? content.slice(0, match.index + (toEnd ? match[0].length : 0)).split('\n').length - 1 : -1
