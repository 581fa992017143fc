import type {Event, Reporter} from '../events.ts'
import {count} from '../wording.ts'
import {Narrator} from './narrator.ts'
import type {Output, View} from './output.ts'
import {progressOf, type RoleProgress} from './progress.ts'
import {RunView} from './run-view.ts'
import {type Style} from './style.ts'

export type PlainOptions = {
  readonly style: Style
  readonly view: View
  /** Lines are not broken unless a width is given. */
  readonly width?: number
}

/** Plain lines without cursor moves: pipes, files, CI logs. */
export const plain = (output: Output, {style, view, width = Number.POSITIVE_INFINITY}: PlainOptions): Reporter => {
  const run = new RunView()
  const narrator = new Narrator(run, () => ({style, view, width}), {isScrolling: true})
  const print = (lines: readonly string[]): void => {
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
  }
  const ended = new Set<string>()
  return {
    on(event) {
      run.on(event)
      const finished = mayEndRole(event, run) ? endedRoles(run, ended) : []
      print([...narrator.tell(event), ...finished.map(role => style.dim(roleLine(role)))])
    },
    close() {
      if (run.startedAt > 0 && !run.summary) print(narrator.end())
    },
  }
}

/** Asking all hosts at every change would be quadratic. */
const mayEndRole = (event: Event, run: RunView): boolean => {
  if (event.event === 'host-failed') return true
  if (event.event !== 'item-end') return false
  const {role, play} = event.item
  const host = run.host(event.host)
  return !host.items.some(item => item.role === role && item.play === play && run.pending(host, item))
}

const endedRoles = (run: RunView, told: Set<string>): RoleProgress[] => {
  const {play} = run
  if (play === undefined) return []
  // With a host more there may be more of a role to do.
  if (run.plays[play]?.hosts.some(name => !run.host(name).isPlanned && !run.host(name).failure)) return []
  return progressOf(run, play).filter(({role, done, left, total, changes}) => {
    const key = `${play} ${role}`
    if (done + left < total || changes + left === 0 || told.has(key)) return false
    told.add(key)
    return true
  })
}

const roleLine = ({role, done, failed, total, changes}: RoleProgress): string =>
  `  ${role}  ${done}/${total} hosts, ${count(changes, 'change')}${failed > 0 ? `, ${failed} failed` : ''}`
