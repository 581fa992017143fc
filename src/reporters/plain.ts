import type {Reporter} from '../events.ts'
import {Narrator} from './narrator.ts'
import type {Output, View} from './output.ts'
import {type RoleProgress, progressOf} from './progress.ts'
import {RunView} from './run-view.ts'
import {type Style} from './style.ts'
import {count} from './text.ts'

export type PlainOptions = {
  readonly style: Style
  readonly view: View
  /** Lines are not broken unless a width is given. */
  readonly width?: number
}

/** Plain lines without cursor moves: pipes, files, CI logs. */
export const plain = (output: Output, {style, view, width = Number.POSITIVE_INFINITY}: PlainOptions): Reporter => {
  const run = new RunView()
  const narrator = new Narrator(run, () => ({style, view, width}))
  const print = (lines: readonly string[]): void => {
    if (lines.length > 0) output.write(`${lines.join('\n')}\n`)
  }
  const ended = new Set<string>()
  return {
    on(event) {
      run.on(event)
      const finished = event.event === 'item-end' || event.event === 'host-failed' ? endedRoles(run, ended) : []
      print([...narrator.tell(event), ...finished.map(role => style.dim(roleLine(role)))])
    },
    close() {
      if (run.startedAt > 0 && !run.summary) print(narrator.end())
    },
  }
}

const endedRoles = (run: RunView, told: Set<string>): RoleProgress[] => {
  const {play} = run
  if (play === undefined) return []
  return progressOf(run, play).filter(({role, done, total, changes, failed}) => {
    const key = `${play} ${role}`
    if (done < total || changes + failed === 0 || told.has(key)) return false
    told.add(key)
    return true
  })
}

const roleLine = ({role, done, failed, total, changes}: RoleProgress): string =>
  `  ${role}  ${done - failed}/${total} hosts, ${count(changes, 'change')}${failed > 0 ? `, ${failed} failed` : ''}`
