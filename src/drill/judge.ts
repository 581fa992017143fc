import type {Direction, PathResult, ProtocolEvent, Scenario} from './model.ts'

export type Seen = {
  readonly faultMs: number
  readonly healMs: number
  readonly holderBefore: string
  /** Who carried the traffic at the end of the fault, among those that answered. */
  readonly holdersDuring: readonly string[]
  readonly paths: readonly PathResult[]
  readonly events: readonly ProtocolEvent[]
  /** Kinds of events that roles of the pair can tell. */
  readonly kinds: ReadonlySet<string>
  /** What kept the pair from being well in time; none when it was. */
  readonly complaints: readonly string[]
  readonly settleSeconds: number
}

/** Why a scenario has failed, as sentences that say what to look at; empty when all was as it should be. */
export const judge = (scenario: Scenario, seen: Seen): readonly string[] => [
  ...holderComplaints(scenario, seen),
  ...noticeComplaints(scenario, seen),
  ...new Set(seen.events.flatMap(({host, wrong}) => (wrong === undefined ? [] : [`${host}: ${wrong}`]))),
  ...seen.paths.filter(({name}) => scenario.paths.includes(name)).flatMap(path => pathComplaints(scenario, path)),
  ...(seen.complaints.length === 0
    ? []
    : [`${seen.settleSeconds} s after the fault was removed the pair is not well: ${seen.complaints.join('; ')}`]),
]

const holderComplaints = ({holder}: Scenario, seen: Seen): string[] => {
  const {holderBefore, holdersDuring} = seen
  if (holder === 'any') return []
  const [now] = holdersDuring
  if (now === undefined) return [`nobody carried the traffic while the fault lasted: ${lookAtVrrp}`]
  if (holdersDuring.length > 1)
    return [`${holdersDuring.join(' and ')} both carried the traffic at the end of the fault: ${lookAtVrrp}`]
  if (holder === 'moves' && now === holderBefore)
    return [`the traffic stayed on ${now}, where the fault was: ${whatVrrpSaid(now, seen)}; ${lookAtVrrp}`]
  if (holder === 'stays' && now !== holderBefore)
    return [`the traffic moved from ${holderBefore} to ${now}, which this fault is no reason for: ${lookAtVrrp}`]
  return []
}

/** Whether it did not look, or looked and stayed. */
const whatVrrpSaid = (host: string, seen: Seen): string => {
  const said = during(seen).filter(event => event.host === host && event.kind === vrrpKind)
  return said.length === 0
    ? `keepalived of ${host} said nothing of it, so that what was broken is not tracked there`
    : `keepalived of ${host} said '${[...new Set(said.map(({text}) => text))].slice(0, 3).join("', '")}' and kept the traffic, so that it is tracked there with a weight that leaves it above the other gateway, or the other one could not take over`
}

const during = ({events, faultMs, healMs}: Seen): readonly ProtocolEvent[] =>
  events.filter(({kind, atMs}) => kind !== 'fault' && atMs >= faultMs - slackMs && atMs <= healMs)

const noticeComplaints = ({notices}: Scenario, seen: Seen): string[] => {
  const noticed = new Set(during(seen).map(({kind}) => kind))
  return notices
    .filter(kind => seen.kinds.has(kind) && !noticed.has(kind))
    .map(
      kind =>
        `${kind} did not notice the fault in the ${text(seen.healMs - seen.faultMs)} that it lasted${noticed.size > 0 ? `, only ${[...noticed].join(' and ')} did` : ', and nothing else did'}: look whether it is on and its session up, on both ends`,
    )
}

const vrrpKind = 'VRRP'
const lookAtVrrp = 'look at `gatewright task gateways vrrp.verify` and at the journal of keepalived'

/** How long a path may be silent: as long as the scenario says, or longer where the path has an allowance of its own. */
const limitMsOf = (
  {outageSeconds}: Pick<Scenario, 'outageSeconds'>,
  {budgetMs = 0}: Pick<PathResult, 'budgetMs'>,
): number => Math.max(outageSeconds * 1000, budgetMs)

const pathComplaints = (scenario: Scenario, path: PathResult): string[] => {
  const limitMs = limitMsOf(scenario, path)
  const found: string[] = []
  for (const direction of path.directions)
    if (direction.sent === 0) found.push(`the path '${path.name}' (${wayText(path, direction)}) carried nothing at all`)
    else if (direction.gapMs > limitMs)
      found.push(
        `the path '${path.name}' (${wayText(path, direction)}) was silent for ${text(direction.gapMs)}, the budget is ${text(limitMs)}; ${direction.lost} of ${direction.sent} lost`,
      )
  const {sessions} = path
  const lost = sessions ? sessions.opened - sessions.survived : 0
  if (sessions && lost > scenario.sessionsLost)
    found.push(
      `${lost} of ${sessions.opened} TCP sessions over '${path.name}' were lost (${sessions.reset} reset, ${sessions.timedOut} timed out), ${scenario.sessionsLost} may be: look at conntrackd on both gateways (\`conntrackd -s\`), and whether both have the same packet filter and NAT`,
    )
  return found
}

const wayText = ({from, to}: PathResult, {way}: Direction): string =>
  way === 'out' ? `${from} to ${to}` : way === 'back' ? `${to} to ${from}` : `${from}, there and back`

const text = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`)

/** The longest time that a path of the scenario was silent, and how long that path may be. */
export const worstSilence = (
  scenario: Pick<Scenario, 'paths' | 'outageSeconds'>,
  paths: readonly PathResult[],
): {readonly gapMs: number; readonly limitMs: number} =>
  paths
    .filter(({name}) => scenario.paths.includes(name))
    .flatMap(path => path.directions.map(({gapMs}) => ({gapMs, limitMs: limitMsOf(scenario, path)})))
    .reduce((worst, each) => (each.gapMs > worst.gapMs ? each : worst), {
      gapMs: 0,
      limitMs: scenario.outageSeconds * 1000,
    })

/** When the fault took effect: its own record on the host, else the first thing that anybody saw of it. */
export const effectMs = (
  {startMs, endMs}: {readonly startMs: number; readonly endMs: number},
  paths: readonly PathResult[],
  events: readonly ProtocolEvent[],
): number => {
  const own = events.find(({kind, atMs}) => kind === 'fault' && atMs >= startMs - slackMs && atMs <= endMs + slackMs)
  if (own) return own.atMs
  const seen = [
    ...events.map(({atMs}) => atMs),
    ...paths.flatMap(({directions}) =>
      directions.flatMap(({gaps}) => gaps.filter(gap => gap.lost > 0).map(gap => gap.fromMs)),
    ),
  ].filter(at => at >= startMs && at <= endMs)
  return seen.length > 0 ? Math.min(...seen) : endMs
}

/** Clocks of hosts are compared to within some milliseconds. */
const slackMs = 50

/** Detection: the first protocol that says something. Repair: the first packet after the longest loss that began meanwhile. */
export const phasesOf = (
  faultMs: number,
  healMs: number,
  paths: readonly PathResult[],
  events: readonly ProtocolEvent[],
): {readonly detectMs?: number; readonly repairMs?: number} => {
  const noticed = events.find(({kind, atMs}) => kind !== 'fault' && atMs >= faultMs - slackMs && atMs <= healMs)
  const losses = paths
    .flatMap(({directions}) => directions.flatMap(({gaps}) => gaps))
    .filter(({lost, fromMs}) => lost > 0 && fromMs >= faultMs - 2 * slackMs && fromMs <= healMs)
  return {
    // Where the fault itself is known by that word only, nothing can be said.
    ...(noticed && noticed.atMs !== faultMs && {detectMs: Math.max(0, noticed.atMs - faultMs)}),
    ...(losses.length > 0 && {repairMs: Math.max(0, ...losses.map(({toMs}) => toMs - faultMs))}),
  }
}
