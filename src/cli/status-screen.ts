import type {Reporter} from '../events.ts'
import type {Metrics} from '../facts/metrics.ts'
import type {Output} from '../reporters/output.ts'
import type {Style} from '../reporters/style.ts'
import {table} from './columns.ts'
import {type StatusRow, statusRows} from './status-rows.ts'

type Seen = {readonly host: string; readonly rows: readonly StatusRow[]; readonly failure?: string}

/** One table of all hosts when the last has answered; what is not well stands out. */
export const statusScreen = (output: Output, {style}: {readonly style: Style}): Reporter => {
  const seen: Seen[] = []
  return {
    on(event) {
      if (event.event === 'facts') seen.push({host: event.host, rows: statusRows(event.facts['metrics'] as Metrics)})
      else if (event.event === 'host-failed')
        seen.push({host: event.host, rows: [], failure: `${event.status}: ${event.message.split('\n', 1)[0]}`})
      else if (event.event === 'summary') output.write(statusText(seen, output.columns ?? 80, style))
    },
  }
}

export const statusText = (seen: readonly Seen[], columns: number, style: Style): string => {
  const hosts = seen.toSorted((one, other) => one.host.localeCompare(other.host))
  const lines = hosts.flatMap(({host, rows, failure}) => {
    if (failure !== undefined) return [{row: [host, '', '', '', failure], isWell: false}]
    if (rows.length === 0) return [{row: [host, '', '', '', 'its roles tell nothing'], isWell: true}]
    return rows.map(({what, name, state, detail, isWell}, index) => ({
      row: [index === 0 ? host : '', what, name, state, detail],
      isWell,
    }))
  })
  const [head = '', ...told] = table(
    ['HOST', 'WHAT', 'NAME', 'STATE', ''],
    lines.map(({row}) => row),
    columns,
  ).split('\n')
  return `${style.dim(head)}\n${told.map((line, index) => (lines[index]?.isWell === false ? style.red(line) : line)).join('\n')}`
}
