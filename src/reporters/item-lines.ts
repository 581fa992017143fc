import {acts, type PlannedItem} from '../events.ts'
import type {Change} from '../resources/resource.ts'
import {changeText, isAbsent, isContent} from './change-text.ts'
import {itemDiff} from './item-diff.ts'
import {hiddenOutput} from './no-log.ts'
import type {View} from './output.ts'
import {paintVerdict, type Style} from './style.ts'
import {widthOf, wrap} from './text.ts'
import {visible} from './visible.ts'

export type Look = {readonly style: Style; readonly view: View; readonly width: number}

/** What it says is worth a line although nothing differs. */
export const speaks = ({kind, message}: PlannedItem): boolean => kind === 'debug' && message !== undefined

/** A resource, handler or task of a plan: one line, wrapped, what it says, and its diff if asked for. */
export const itemLines = (item: PlannedItem, look: Look, indent = 0, before = ''): string[] => {
  const {style, view, width} = look
  const margin = ' '.repeat(indent)
  const notes = notesOf(item)
  const head = `${before}${paintVerdict(style, item.verdict, markOf(item))} ${style.bold(item.id)}`
  const diff = view.diff && acts(item) ? itemDiff(item, {style, width: width - indent - 4}) : []
  return [
    ...wrap(
      `${margin}${head}${notes.length > 0 ? `  ${notes.join(', ')}` : ''}`,
      width,
      indent + widthOf(before) + (before ? 2 : 4),
    ),
    ...messageLines(item, look, indent + 4),
    ...diff.map(line => `${margin}    ${line}`),
  ]
}

const messageLines = ({kind, message, verdict, noLog}: PlannedItem, {view, width}: Look, indent: number): string[] => {
  const isShown = kind === 'debug' || view.verbosity > 0 || (verdict !== 'ok' && verdict !== 'skipped')
  if (message === undefined || noLog || !isShown) return []
  return visible(message.trimEnd())
    .split('\n')
    .flatMap(line => wrap(' '.repeat(indent) + line, width, indent + 2))
}

const marks = {ok: '=', failed: 'x', ignored: 'x', rescued: 'x', skipped: '.', unknown: '?', unsupported: '!'} as const

/** One sign for what happens: new, gone, different, as desired, unknown, not possible, failed, left out. */
const markOf = ({verdict, changes}: PlannedItem): string => {
  if (verdict !== 'changed') return marks[verdict]
  if (changes.some(({path, to}) => path === 'state' && isAbsent(to))) return '-'
  return changes.length > 0 && tellable(changes).every(({from}) => isAbsent(from)) ? '+' : '~'
}

const notesOf = (item: PlannedItem): string[] => (item.noLog ? [...said(item), hiddenOutput] : said(item))

const said = ({kind, verdict, changes, reason, tentative, isGuarded}: PlannedItem): string[] => {
  const guess = [...(isGuarded ? ['commit-confirmed'] : []), ...(tentative ? ['tentative'] : [])]
  const why = reason === undefined ? '' : `: ${reason.split('\n', 1)[0]?.replace(/:$/, '')}`
  if (verdict === 'unsupported') return [`unsupported: ${reason}`]
  if (verdict === 'failed') return [`failed${why}`]
  if (verdict === 'ignored') return [`failed, ignored${why}`]
  if (verdict === 'rescued') return [`failed, rescued${why}`]
  if (verdict === 'skipped') return ['skipped']
  if (verdict === 'unknown') return [`unknown until applied${reason ? `: ${reason}` : ''}`]
  if (verdict === 'ok') return reason ? [reason, ...guess] : guess
  if (kind === 'handler') return [...(reason ? [`because ${reason.replace(/^changed: /, 'of ')}`] : []), ...guess]
  return [...tellable(changes).map(changeText), ...(reason ? [reason] : []), ...guess]
}

/** That a new file has content goes without saying; --diff shows it. */
const tellable = (changes: readonly Change[]): readonly Change[] => {
  const created = new Set(changes.filter(({from}) => isAbsent(from)).map(({path}) => path))
  return changes.filter(change => !isContent(change) || !created.has(change.path.replace(/content$/, 'state')))
}
