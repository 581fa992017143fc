import {structuredPatch} from 'diff'
import type {PlannedItem} from '../events.ts'
import type {Change, Json} from '../resources/resource.ts'
import {count} from '../wording.ts'
import {contentText, isAbsent, isContent} from './change-text.ts'
import type {Style} from './style.ts'
import {wrap} from './text.ts'
import {visible} from './visible.ts'

type Look = {readonly style: Style; readonly width: number}
type Signed = {readonly sign: ' ' | '-' | '+' | '@' | '\\' | '#'; readonly text: string}

/** Beyond these a diff is not read by anybody; JSON lines hold both texts. */
const mostLines = 400
const mostEdits = 5000
const stop = 8

/** What changes of an item, as a unified diff: each file under its path, all else as `-property: value`. */
export const itemDiff = (item: PlannedItem, look: Look): readonly string[] => {
  if (item.kind === 'handler') return []
  const subjects = Map.groupBy(item.changes, ({path}) => subjectOf(item, path))
  return [...subjects].flatMap(([subject, changes]) =>
    [...headers(subject, changes), ...bodyOf(changes)].flatMap(line => painted(line, look)),
  )
}

/** `/etc/frr/frr.conf content` of a set is about that file, `content` about what the item is. */
const subjectOf = ({id, kind}: PlannedItem, path: string): string => {
  const own = id.startsWith(`${kind} /`) ? id.slice(kind.length + 1) : id
  return path.startsWith('/') ? path.slice(0, path.lastIndexOf(' ')) : own
}
const propertyOf = ({path}: Change): string => (path.startsWith('/') ? path.slice(path.lastIndexOf(' ') + 1) : path)

const headers = (subject: string, changes: readonly Change[]): Signed[] => {
  const state = subject.startsWith('/') ? changes.find(change => propertyOf(change) === 'state') : undefined
  const side = (value: Json | undefined, when: string): string =>
    value !== undefined && isAbsent(value) ? '/dev/null' : `${subject}  (${when})`
  return [
    {sign: '#', text: `--- ${side(state?.from, 'before')}`},
    {sign: '#', text: `+++ ${side(state?.to, 'after')}`},
  ]
}

const bodyOf = (changes: readonly Change[]): Signed[] => {
  const content = changes.filter(isContent)
  // A new or a removed file shows it by its lines.
  const isTold = (change: Change): boolean => propertyOf(change) === 'state' && content.length > 0
  const others = changes.filter(change => !isContent(change) && !isTold(change))
  return [...others.flatMap(propertyLines), ...content.flatMap(contentLines)]
}

const propertyLines = (change: Change): Signed[] => {
  const name = propertyOf(change)
  const [from, to] = [plainText(change.from), plainText(change.to)]
  if ([from, to].some(text => text?.includes('\n')))
    return [{sign: '@', text: `@@ ${name} @@`}, ...hunks(from ?? '', to ?? '').slice(1)]
  return [
    ...(from === undefined ? [] : [{sign: '-' as const, text: `${name}: ${from}`}]),
    ...(to === undefined ? [] : [{sign: '+' as const, text: `${name}: ${to}`}]),
  ]
}

const plainText = (value: Json): string | undefined => {
  if (value === null) return undefined
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'object') return String(value)
  const line = JSON.stringify(value)
  return line.length <= 60 ? line : JSON.stringify(value, null, 2)
}

const contentLines = ({from, to}: Change): Signed[] => {
  const [before, after] = [contentText(from), contentText(to)]
  if (before === '***' || after === '***') return [note('secret content, not shown')]
  if (before !== undefined && after !== undefined) return hunks(before, after)
  if (from === null) return [note('not shown: what it replaces is known only when it is applied')]
  return [note(`binary or longer than 256 KiB: ${summary(from)} -> ${summary(to)}`)]
}

const note = (text: string): Signed => ({sign: '\\', text: ` (${text})`})

const summary = (value: Json): string => {
  const text = contentText(value)
  if (text !== undefined) return `text of ${count(linesOf(text), 'line')}`
  const {sha256} = (value ?? {}) as {readonly sha256?: Json}
  return typeof sha256 === 'string' ? `sha256 ${sha256.slice(0, 12)}…` : 'something else'
}

const linesOf = (text: string): number => (text === '' ? 0 : text.replace(/\n$/, '').split('\n').length)

const hunks = (before: string, after: string): Signed[] => {
  const patch = structuredPatch('', '', before, after, undefined, undefined, {context: 3, maxEditLength: mostEdits})
  if (patch === undefined)
    return [note(`too much differs to show it: ${count(linesOf(before), 'line')} -> ${count(linesOf(after), 'line')}`)]
  const all = patch.hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}): Signed[] => [
    {sign: '@', text: `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`},
    ...lines.map(line => ({sign: line[0] as Signed['sign'], text: line.slice(1)})),
  ])
  if (all.length <= mostLines) return all
  const rest = all.slice(mostLines)
  const of = (sign: string): number => rest.filter(line => line.sign === sign).length
  return [...all.slice(0, mostLines), note(`${count(rest.length, 'more line')}: +${of('+')} -${of('-')}`)]
}

/** A range without lines is named by the line before it. */
const range = (start: number, lines: number): string => `${lines === 0 ? start - 1 : start},${lines}`

/** One line of a diff, broken where the terminal ends; what goes on is marked, so that it is not taken for another line. */
const painted = ({sign, text}: Signed, {style, width}: Look): string[] => {
  if (sign === '#') return chunks(text, width).map(part => style.bold(part))
  if (sign === '@') return [style.cyan(text)]
  if (sign === '\\')
    return wrap(text.startsWith(' (') ? text.slice(1) : `\\${text}`, width).map(part => style.dim(part))
  const paint = sign === '+' ? style.green : sign === '-' ? style.red : (part: string) => part
  const shown = visible(spaces(text, sign !== ' '))
  return chunks(shown, width - 1).map((part, index) => paint(`${index === 0 ? sign : '↪'}${part}`))
}

/** Tabs take their columns; where lines differ, tabs and spaces at the end can be told apart. */
const spaces = (text: string, isMarked: boolean): string => {
  let line = ''
  for (const part of text.split(/(\t)/)) {
    if (part !== '\t') line += part
    else {
      const columns = stop - (line.length % stop)
      line += isMarked ? '→'.padEnd(columns) : ' '.repeat(columns)
    }
  }
  return isMarked ? line.replace(/ +$/, blanks => '·'.repeat(blanks.length)) : line
}

const chunks = (text: string, size: number): string[] => {
  if (!Number.isFinite(size) || text.length <= size) return [text]
  const characters = Array.from(text)
  const parts = Math.ceil(characters.length / Math.max(20, size))
  return Array.from({length: parts}, (_, index) =>
    characters.slice(index * Math.max(20, size), (index + 1) * Math.max(20, size)).join(''),
  )
}
