import type {HostStatus, HostSummary, Verdict} from '../events.ts'
import {count} from '../wording.ts'
import {exitText} from './exit-text.ts'
import {namesText} from './host-names.ts'
import type {Look} from './item-lines.ts'
import {profileLines} from './profile-lines.ts'
import type {RunView} from './run-view.ts'
import {paintStatus, paintVerdict} from './style.ts'
import {duration, pad, padStart, truncate, wrap} from './text.ts'

const labels: Record<Verdict, {long: string; short: string}> = {
  ok: {long: 'ok', short: 'ok'},
  changed: {long: 'changed', short: 'chg'},
  failed: {long: 'failed', short: 'fail'},
  ignored: {long: 'ignored', short: 'ign'},
  rescued: {long: 'rescued', short: 'resc'},
  skipped: {long: 'skipped', short: 'skip'},
  unknown: {long: 'unknown', short: 'unkn'},
  unsupported: {long: 'unsupported', short: 'unsup'},
}
const verdicts = Object.keys(labels) as Verdict[]

/** The end of a run: a line per host, what was unsupported, what failed, and what the exit code means. */
export const recap = (view: RunView, look: Look): string[] => {
  const summaries = view.summaries()
  return [
    '',
    ...table(summaries, view, look),
    ...unsupportedLines(summaries, look),
    ...errorLines(summaries, look),
    ...(view.summary?.forceSick === undefined
      ? []
      : ['', ...wrap(look.style.yellow(`--force-sick: ${view.summary.forceSick}`), look.width, 2)]),
    '',
    ...closing(summaries, view, look),
    ...(view.profile ? profileLines(view.profile, look) : []),
  ]
}

/** Hosts that have come to the same stand on one line where there are many, with their names below. */
type Row = {readonly name: string; readonly hosts: readonly string[]; readonly summary: HostSummary}

/** More hosts than these are told in groups, those that are not as they should be last. */
const fewHosts = 8
const leastGroup = 3
const order: readonly HostStatus[] = [
  'ok',
  'changed',
  'skipped',
  'interrupted',
  'unreachable',
  'refused',
  'failed',
  'rolled back',
]

const rowsOf = (summaries: readonly HostSummary[]): Row[] => {
  const single = (summary: HostSummary): Row => ({name: summary.host, hosts: [], summary})
  if (summaries.length <= fewHosts) return summaries.map(single)
  const same = Map.groupBy(summaries, ({status, counts}) => `${order.indexOf(status)} ${JSON.stringify(counts)}`)
  return [...same]
    .toSorted(([a], [b]) => Number(a.split(' ', 1)[0]) - Number(b.split(' ', 1)[0]))
    .flatMap(([, group]) => {
      const [first] = group
      if (!first || group.length < leastGroup) return group.map(single)
      return {name: count(group.length, 'host'), hosts: group.map(({host}) => host), summary: first}
    })
}

/** Columns that are zero on every host are left out; headings are shortened when they do not fit. */
const table = (summaries: readonly HostSummary[], {mode}: RunView, {style, view, width}: Look): string[] => {
  const shown = verdicts.filter(
    verdict => verdict === 'ok' || verdict === 'changed' || summaries.some(({counts}) => counts[verdict] > 0),
  )
  const status = (summary: HostSummary): string =>
    mode === 'check' && summary.status === 'changed' ? 'would change' : summary.status
  const statusWidth = Math.max(6, ...summaries.map(summary => status(summary).length))
  const rows = rowsOf(summaries)
  const longest = Math.max(4, ...rows.map(({name}) => name.length))
  const widthWith = (size: 'long' | 'short'): number =>
    statusWidth + 2 + shown.reduce((sum, verdict) => sum + 2 + Math.max(3, labels[verdict][size].length), 0)
  const size = longest + widthWith('long') <= width ? 'long' : 'short'
  const hostWidth = Math.min(longest, Math.max(10, width - widthWith(size)))
  const cells = (text: (verdict: Verdict) => string): string =>
    shown.map(verdict => padStart(text(verdict), Math.max(3, labels[verdict][size].length))).join('  ')
  const head = `${pad('host', hostWidth)}  ${pad('status', statusWidth)}  ${cells(verdict => labels[verdict][size])}`
  return [
    style.dim(head.trimEnd()),
    ...rows.flatMap(({name: told, hosts, summary}) => {
      const numbers = cells(verdict => {
        const number = summary.counts[verdict]
        return number === 0 ? style.dim('0') : paintVerdict(style, verdict, String(number))
      })
      const name = pad(truncate(told, hostWidth), hostWidth)
      const line = `${name}  ${paintStatus(style, summary.status, pad(status(summary), statusWidth))}  ${numbers}`
      return [
        line,
        ...(hosts.length === 0
          ? []
          : wrap(`  ${namesText(hosts, view.verbosity > 0 ? hosts.length : 12)}`, width, 2).map(text =>
              style.dim(text),
            )),
      ]
    }),
  ]
}

const unsupportedLines = (summaries: readonly HostSummary[], {style, width}: Look): string[] => {
  const all = summaries.flatMap(({host, unsupported}) =>
    unsupported.map(({id, reason}) => ({host, text: `${id}: ${reason}`})),
  )
  if (all.length === 0) return []
  const same = Map.groupBy(all, ({text}) => text)
  return [
    '',
    style.magenta('unsupported: these hosts cannot do it'),
    ...[...same].flatMap(([text, some]) => wrap(`  ${text} (${hostsText(some, summaries)})`, width, 4)),
  ]
}

const errorLines = (summaries: readonly HostSummary[], {style, width}: Look): string[] => {
  const failed = summaries.filter(({error}) => error !== undefined)
  if (failed.length === 0) return []
  const same = Map.groupBy(failed, ({status, error}) => `${status}\0${error?.split('\n', 1)[0]?.replace(/:$/, '')}`)
  return [
    '',
    style.red('not done'),
    ...[...same].flatMap(([key, some]) => wrap(`  ${hostsText(some, summaries)}: ${key.split('\0')[1]}`, width, 4)),
  ]
}

const hostsText = (some: readonly {host: string}[], all: readonly unknown[]): string =>
  some.length > 1 && some.length === all.length
    ? 'all hosts'
    : namesText(
        some.map(({host}) => host),
        5,
      )

const memoryLines = (bytes: number | undefined): string[] =>
  bytes === undefined ? [] : [`memory of the engine at its peak: ${Math.round(bytes / 2 ** 20)} MiB`]

const closing = (
  summaries: readonly HostSummary[],
  view: RunView,
  {style, width, view: {verbosity}}: Look,
): string[] => {
  const {mode, summary} = view
  const by = (status: HostSummary['status']): number => summaries.filter(each => each.status === status).length
  const changes = summaries.reduce((sum, {counts}) => sum + counts.changed, 0)
  const bad = (['rolled back', 'failed', 'unreachable', 'refused', 'interrupted', 'skipped'] as const).flatMap(
    status => (by(status) > 0 ? [`${by(status)} ${status === 'skipped' ? 'not started' : status}`] : []),
  )
  const changed = by('changed')
  const told = [
    `${count(summaries.length, 'host')}: ${by('ok')} ${mode === 'check' ? 'as desired' : 'unchanged'}`,
    ...(changed > 0
      ? [
          mode === 'check'
            ? `${changed} would change (${count(changes, 'change')})`
            : `${changed} changed (${count(changes, 'change')})`,
        ]
      : []),
    ...bad,
  ].join(', ')
  const code = summary?.exitCode ?? 130
  const time = summary ? `, in ${duration(summary.elapsedMs)}` : ''
  const paint = code === 0 ? style.green : code === 2 ? style.yellow : style.red
  return [
    ...wrap(told + time, width, 2),
    ...(verbosity > 0 ? memoryLines(summary?.peakMemoryBytes) : []),
    ...wrap(
      paint(`exit code ${code}: ${exitText(code, {failed: by('failed') > 0, isAudit: summary?.isAudit === true})}`),
      width,
      2,
    ),
  ]
}
