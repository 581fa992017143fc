import type {PlannedItem} from '../events.ts'
import {acts} from '../events.ts'
import {count} from '../wording.ts'
import type {Look} from './item-lines.ts'
import {type HostView, keyOf, type RunView} from './run-view.ts'
import {listed, wrap} from './text.ts'

/** Why a host's run ended: where, what was said, what was left undone, what to do next. */
export const failureBlock = (host: HostView, view: RunView, {style, width}: Look): string[] => {
  const {failure} = host
  if (!failure) return []
  const {status, id, play, message, next} = failure
  const item = host.items.find(each => each.id === id && (play === undefined || each.play === play))
  const where = item ? placeText(item, view) : play === undefined ? '' : playName(view, play)
  const title = status === 'interrupted' || status === 'skipped' ? style.magenta : style.red
  const rows: [string, string | undefined][] = [
    ['where', where],
    ['problem', message],
    ['left', status === 'skipped' ? undefined : leftText(host, view)],
    ['next', next],
  ]
  return [
    title.bold(`${status} ${host.host}${id ? `: ${id}` : ''}`),
    ...rows.flatMap(([label, text]) => (text ? labelled(label, text, width, style.dim) : [])),
  ]
}

/** Where an item comes from: file, play, role, name. */
export const placeText = ({at, play, role, name}: PlannedItem, view: RunView): string =>
  [
    at && `${at.file}:${at.line}:${at.column}`,
    playName(view, play),
    role !== undefined && `role ${role}`,
    name !== undefined && `"${name}"`,
  ]
    .filter(Boolean)
    .join(', ')

const playName = (view: RunView, play: number): string => `play ${view.plays[play]?.name ?? play}`

const labelled = (label: string, text: string, width: number, paint: (text: string) => string): string[] => {
  const indent = 11
  const lines = text.split('\n').flatMap((line, index) => {
    const margin = index === 0 ? `  ${label.padEnd(indent - 2)}` : ' '.repeat(indent)
    return wrap(margin + line, width, indent)
  })
  return lines.map((line, index) => (index === 0 ? paint(line.slice(0, indent)) + line.slice(indent) : line))
}

/** What had been done before, and what was never reached. */
const leftText = ({items, settled}: HostView, {mode}: RunView): string | undefined => {
  if (mode === 'check' || items.length === 0) return undefined
  const done = items.filter(item => item.verdict === 'changed' && settled.has(keyOf(item)))
  const open = items.filter((item: PlannedItem) => acts(item) && !settled.has(keyOf(item)))
  if (done.length === 0 && open.length === 0) return undefined
  const before = done.length === 0 ? 'nothing was changed before it' : `${count(done.length, 'change')} made before it`
  const after =
    open.length === 0
      ? ''
      : `; ${open.length} not begun or not ended: ${listed(
          open.map(({id}) => id),
          3,
        )}`
  return before + after
}
