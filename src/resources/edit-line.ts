import {compilePythonRegex, latin1} from './python-regex.ts'
import {pythonReplacement} from './python-replacement.ts'

/** What a line edit wants, in Ansible's words. */
export type LineEdit = {
  readonly state: 'present' | 'absent'
  readonly line?: string
  readonly regexp?: string
  readonly search?: string
  readonly insertafter?: string
  readonly insertbefore?: string
  readonly backrefs: boolean
  readonly firstmatch: boolean
}

/** Content as lineinfile leaves it; bytes as latin1. Throws RegexError. */
export const editLine = (content: string, edit: LineEdit): string => {
  const lines = content.split(/(?<=\n)/).filter(line => line !== '')
  return (edit.state === 'present' ? present(lines, edit) : absent(lines, edit)).join('')
}

const ends = /[\r\n]+$/
const bare = (line: string): string => line.replace(ends, '')
const isEnded = (line: string | undefined): boolean => line === undefined || /[\r\n]$/.test(line)

/** How a line is recognised: by the expression, a part of it, or not at all. */
const finder = ({regexp, search}: LineEdit): ((line: string) => RegExpExecArray | true | undefined) => {
  if (regexp !== undefined) {
    const regex = compilePythonRegex(regexp)
    return line => regex.search(line) ?? undefined
  }
  const part = search === undefined ? undefined : latin1(search)
  return line => (part !== undefined && line.includes(part) ? true : undefined)
}

const absent = (lines: readonly string[], edit: LineEdit): readonly string[] => {
  const find = finder(edit)
  const isExact = edit.regexp === undefined && edit.search === undefined
  const wanted = latin1(edit.line ?? '')
  return lines.filter(line => (isExact ? bare(line) !== wanted : find(line) === undefined))
}

type Found = {readonly index: number; readonly match: RegExpExecArray | true}

/** The last line that is recognised, or the first. */
const recognised = (lines: readonly string[], edit: LineEdit): Found | undefined => {
  const find = finder(edit)
  let found: Found | undefined
  for (const [index, line] of lines.entries()) {
    const match = find(line)
    if (match) found = {index, match}
    if (found && edit.firstmatch) break
  }
  return found
}

/** The steps of Ansible's lineinfile in their order: each is a rule of its own. */
const present = (lines: readonly string[], edit: LineEdit): readonly string[] => {
  const wanted = latin1(edit.line ?? '')
  const found = recognised(lines, edit)
  if (found) {
    const {index, match} = found
    const isExpanded = edit.backrefs && match !== true && edit.regexp !== undefined
    const line = isExpanded ? pythonReplacement(edit.line ?? '', compilePythonRegex(edit.regexp))(match) : wanted
    return replaced(lines, index, line)
  }
  const {exact, place} = places(lines, wanted, edit)
  if (exact !== -1) return replaced(lines, exact, wanted)
  if (edit.backrefs) return lines
  return inserted(lines, `${wanted}\n`, place, edit)
}

const replaced = (lines: readonly string[], index: number, line: string): readonly string[] =>
  lines.with(index, line.endsWith('\n') ? line : `${line}\n`)

/** Where the line is already, and where it would be put. */
const places = (
  lines: readonly string[],
  wanted: string,
  {insertafter, insertbefore, firstmatch}: LineEdit,
): {exact: number; place: number} => {
  const after = insertafter === 'BOF' || insertafter === 'EOF' ? undefined : insertafter
  const expression = after ?? (insertbefore === 'BOF' ? undefined : insertbefore)
  const regex = expression === undefined ? undefined : compilePythonRegex(expression)
  let [exact, place] = [-1, -1]
  for (const [index, line] of lines.entries()) {
    if (bare(line) === wanted) exact = index
    else if (regex?.search(line)) {
      place = insertafter === undefined ? index : index + 1
      if (firstmatch) break
    }
  }
  return {exact, place}
}

const inserted = (
  lines: readonly string[],
  line: string,
  place: number,
  {insertafter, insertbefore}: LineEdit,
): readonly string[] => {
  if (insertbefore === 'BOF' || insertafter === 'BOF') return [line, ...lines]
  const isAtEnd = (insertafter ?? (insertbefore === undefined ? 'EOF' : '')) === 'EOF' || place === -1
  if (isAtEnd) return [...lines, ...(isEnded(lines.at(-1)) ? [] : ['\n']), line]
  if (insertafter !== undefined) {
    const next = lines[place]
    if (bare(next ?? lines.at(-1) ?? '') === bare(line)) return lines
  }
  return lines.toSpliced(place, 0, line)
}
