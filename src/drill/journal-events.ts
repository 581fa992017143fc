import type {EventSource} from '../role.ts'
import {quote} from '../shell/quote.ts'
import {faultTag} from './fault-script.ts'
import type {ProtocolEvent} from './model.ts'

/** Said by faults themselves: begun, removed. */
const faults: EventSource = {unit: faultTag, tag: true, kind: 'fault', says: line => line}
const fields = 'MESSAGE,_SYSTEMD_UNIT,UNIT,SYSLOG_IDENTIFIER'

/** Reads the journals of units and tags from a time on, as JSON lines. */
export const journalScript = (sources: readonly EventSource[], sinceMs: number): string => {
  const all = [...sources, faults]
  const read = (flag: string, names: readonly string[]): string =>
    names.length === 0
      ? ':'
      : `journalctl --quiet --no-pager --output=json --output-fields=${fields} --since=@${(sinceMs / 1000).toFixed(3)} ${names.map(name => `${flag} ${quote(name)}`).join(' ')}`
  const named = (isTag: boolean): string[] => [
    ...new Set(all.filter(({tag = false}) => tag === isTag).map(({unit}) => unit)),
  ]
  return `${read('-u', named(false))}\n${read('-t', named(true))}`
}

type Line = Readonly<Record<string, unknown>>

/** What those lines mean, on our clock. A line may mean several things to several sources. */
export const eventsIn = (
  output: string,
  host: string,
  sources: readonly EventSource[],
  offsetMs: number,
): readonly ProtocolEvent[] => {
  const all = [...sources, faults]
  return output
    .split('\n')
    .map(parse)
    .filter(line => line !== undefined)
    .flatMap((line): ProtocolEvent[] => {
      const message = line['MESSAGE']
      const atMs = Number(line['__REALTIME_TIMESTAMP']) / 1000 - offsetMs
      // journald gives what is no text as an array of bytes.
      if (typeof message !== 'string' || !Number.isFinite(atMs)) return []
      return all
        .filter(source => isFrom(line, source))
        .flatMap(source => {
          const text = source.says(message)
          const wrong = source.wrong?.(message)
          return text === undefined ? [] : [{atMs, host, kind: source.kind, text, ...(wrong !== undefined && {wrong})}]
        })
    })
    .toSorted((a, b) => a.atMs - b.atMs)
}

const isFrom = (line: Line, {unit, tag = false}: EventSource): boolean => {
  if (tag) return line['SYSLOG_IDENTIFIER'] === unit
  const name = unit.includes('.') ? unit : `${unit}.service`
  return line['_SYSTEMD_UNIT'] === name || line['UNIT'] === name
}

const parse = (text: string): Line | undefined => {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}
