import type {AttemptCount, Direction, DrillPath, Gap, PathResult} from './model.ts'
import {type Count, countArrivals} from './probe/count-arrivals.ts'
import {arrivalsOf, fpingPeriodMs} from './probe/fping.ts'
import type {ProbeCounts} from './probe/probe-program.ts'
import {type Pause, silenceMs} from './silence.ts'

/** Period of the datagrams of a flow, in each direction: what a gap is resolved to. */
export const periodMs = 5

/** What a probe has counted, its times moved from its clock to ours. */
export const onOurClock = (counts: ProbeCounts, offsetMs: number): ProbeCounts => {
  const moved = <Time extends Pause>(time: Time): Time => ({
    ...time,
    fromMs: time.fromMs - offsetMs,
    toMs: time.toMs - offsetMs,
  })
  return {
    ...counts,
    pauses: counts.pauses.map(moved),
    flows: counts.flows.map(({path, count}) => ({path, count: {...count, gaps: count.gaps.map(moved)}})),
  }
}

/** Of several flows the worst one counts, and the losses of all. */
const directionOf = (
  way: Direction['way'],
  counts: readonly Count[],
  period: number,
  pauses: readonly Pause[] | undefined,
): Direction => {
  const sum = (key: 'sent' | 'lost' | 'duplicates' | 'reordered'): number =>
    counts.reduce((total, count) => total + count[key], 0)
  const gaps: Gap[] = counts
    .flatMap(count => count.gaps)
    .filter(gap => silenceMs(gap, period, pauses) > 2 * period)
    .slice(0, 200)
  return {
    way,
    sent: sum('sent'),
    lost: sum('lost'),
    duplicates: sum('duplicates'),
    reordered: sum('reordered'),
    gapMs: Math.max(0, ...gaps.map(gap => silenceMs(gap, period, pauses))),
    pauseMs: Math.max(0, ...(pauses ?? []).map(({fromMs, toMs}) => toMs - fromMs)),
    gaps: gaps.toSorted((a, b) => a.fromMs - b.fromMs),
  }
}

/** What the two ends of a path have counted. */
export const resultOf = (path: DrillPath, counted: ReadonlyMap<string, ProbeCounts>): PathResult => {
  const {name, from, to = ''} = path
  const [near, far] = [counted.get(from), counted.get(to)]
  const countsOf = (counts: ProbeCounts | undefined): Count[] =>
    (counts?.flows ?? []).filter(each => each.path === name).map(({count}) => count)
  // A pause of the sender is a gap at the receiver.
  const pauses = [...(near?.pauses ?? []), ...(far?.pauses ?? [])]
  const sessions = near?.sessions.find(each => each.path === name)
  return {
    name,
    from,
    to,
    periodMs,
    ...(path.tunnel && {isTunnel: true}),
    ...(path.outage !== undefined && {budgetMs: path.outage * 1000}),
    directions: [
      directionOf('out', countsOf(far), periodMs, pauses),
      directionOf('back', countsOf(near), periodMs, pauses),
    ],
    ...(sessions && {
      sessions: {
        opened: sessions.opened,
        survived: sessions.survived,
        reset: sessions.reset,
        timedOut: sessions.timedOut,
        longestStallMs: sessions.longestStallMs,
      },
    }),
    attempts: (near?.attempts ?? [])
      .filter(each => each.path === name)
      .map(({kind, made, failed, longestMs}): AttemptCount => ({kind, made, failed, longestMs})),
  }
}

/** What fping has seen of a path. */
export const pinged = (
  path: DrillPath,
  lines: readonly string[],
  {fromMs, toMs, offsetMs}: {fromMs: number; toMs: number; offsetMs: number},
): PathResult => {
  const {numbers, times} = arrivalsOf(lines)
  const ours = times.map(at => at - offsetMs)
  const count = countArrivals({numbers, times: ours}, fpingPeriodMs, fromMs, toMs)
  return {
    name: path.name,
    from: path.from,
    ...(path.to !== undefined && {to: path.to}),
    periodMs: fpingPeriodMs,
    ...(path.tunnel && {isTunnel: true}),
    ...(path.outage !== undefined && {budgetMs: path.outage * 1000}),
    directions: [directionOf('there and back', [count], fpingPeriodMs, undefined)],
    attempts: [],
    ...(path.ping === undefined && {note: 'by ICMP only: one of its ends has no Node.js 18 or newer'}),
  }
}
