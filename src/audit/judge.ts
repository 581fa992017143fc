import {olderConfiguration} from '../planner/handler-reason.ts'
import type {AuditRecord, Control, Evidence, Observation, Seen, SeenItem, Verdict, Waiver} from './model.ts'

/** Exit codes that say that a look failed: skipped (Automake's test suites), timeout(1), sh(1) for what it cannot run. */
const untold = new Map([
  [77, 'it cannot be told here'],
  [124, 'the command took too long'],
  [126, 'the command cannot be run'],
  [127, 'a command is missing on the host'],
])

type Found = {
  readonly verdict: Exclude<Verdict, 'waived'>
  readonly because: readonly string[]
  readonly isDrift: boolean
}

type Terms = {
  readonly host: string
  readonly hostKeys: readonly string[]
  readonly waivers: readonly Waiver[]
  /** When the resources were probed. */
  readonly plannedMs: number
  /** Today, `2026-11-30` in UTC. */
  readonly today: string
}

/** One control on one host, by nothing but what was seen. What could not be decided never passes. */
export const judge = (control: Control, seen: Seen, terms: Terms): AuditRecord => {
  const found = decide(control, seen)
  const waiver = terms.waivers.find(
    each => each.control === control.id && (each.hosts.length === 0 || each.hosts.includes(terms.host)),
  )
  const isWaived = found.verdict === 'fail' && waiver !== undefined && waiver.until >= terms.today
  const expired =
    found.verdict === 'fail' && waiver !== undefined && !isWaived
      ? [`the waiver of ${waiver.who} ended on ${waiver.until}`]
      : []
  const repair = found.verdict === 'fail' ? repairOf(control, found) : undefined
  return {
    control: control.id,
    severity: control.severity,
    host: terms.host,
    verdict: isWaived ? 'waived' : found.verdict,
    because: [...found.because, ...expired],
    isDrift: found.isDrift,
    ...(repair !== undefined && {repair}),
    ...(waiver && found.verdict === 'fail' && {waiver}),
    hostKeys: terms.hostKeys,
    evidence: [
      ...seen.items.map(item => evidenceOfItem(item, terms.plannedMs)),
      ...(seen.observation ? [evidenceOf(seen.observation)] : []),
    ],
  }
}

const decide = (control: Control, seen: Seen): Found => {
  if (!seen.applies) return undecided(control.otherwise ?? 'it does not apply here')
  const parts = [
    ...(control.resources === 'rest' || control.resources.length > 0 ? [ofItems(seen)] : []),
    ...(control.observe !== undefined || control.passes !== undefined ? [ofLook(control, seen)] : []),
  ]
  const because = parts.flatMap(part => part.because)
  const some = (verdict: Verdict): boolean => parts.some(part => part.verdict === verdict)
  const verdict = some('fail') ? 'fail' : some('not evaluated') || parts.length === 0 ? 'not evaluated' : 'pass'
  return {verdict, because, isDrift: parts.some(({isDrift}) => isDrift)}
}

const undecided = (...because: string[]): Found => ({verdict: 'not evaluated', because, isDrift: false})

const ofItems = ({items, noPlan}: Seen): Found => {
  if (noPlan !== undefined && items.length === 0) return undecided(noPlan)
  if (items.length === 0) return undecided('no role of the site has such a resource on this host')
  const wrong = items.filter(differs)
  if (wrong.length > 0)
    return {verdict: 'fail', because: wrong.map(sayItem), isDrift: wrong.every(({verdict}) => verdict === 'changed')}
  const unknown = items.filter(({verdict}) => verdict === 'unknown' || verdict === 'unsupported')
  if (unknown.length > 0) return undecided(...unknown.map(sayItem))
  return {verdict: 'pass', because: [], isDrift: false}
}

/** A handler that only follows another change is no difference of its own: its daemon runs with what is on disk. */
const differs = ({verdict, kind, reason}: SeenItem): boolean =>
  verdict === 'failed' || (verdict === 'changed' && (kind !== 'handler' || reason === olderConfiguration))

const sayItem = ({id, verdict, reason, changes}: SeenItem): string => {
  const said = changes.map(({path}) => path).join(', ')
  if (verdict === 'changed') return reason === undefined ? `${id} differs: ${said}` : `${id}: ${reason}`
  return `${id}: ${reason ?? verdict}`
}

const ofLook = ({passes, expected}: Control, {observation, holds}: Seen): Found => {
  if (observation && 'lost' in observation) return undecided(observation.lost)
  const words = observation ? firstLines(observation.stdout || observation.stderr) : undefined
  const reason = observation && untold.get(observation.code)
  if (reason !== undefined) return undecided(words || reason)
  if (passes !== undefined && typeof holds !== 'boolean') return undecided(holds ?? 'nothing was seen')
  const isPassed = passes === undefined ? observation?.code === 0 : holds === true
  if (isPassed) return {verdict: 'pass', because: [], isDrift: false}
  const seen = words === undefined ? [] : [`seen: ${words || 'nothing'}`]
  return {
    verdict: 'fail',
    because: [...(expected === undefined ? [] : [`expected: ${expected}`]), ...seen],
    isDrift: false,
  }
}

const repairOf = (control: Control, {isDrift}: Found): string | undefined =>
  isDrift ? 'gatewright play' : (control.repair ?? 'look at what stands against it on the host, then gatewright play')

const mostText = 2000
const firstLines = (text: string): string => {
  const lines = text.trim().split('\n')
  const shown = lines.slice(0, 5).join('; ')
  return lines.length > 5 ? `${shown}; and ${lines.length - 5} more` : shown
}
/** Probes of roles are long and the same on each host. */
const mostProbe = 300
const cut = (text: string, most = mostText): string => (text.length > most ? `${text.slice(0, most)} [...]` : text)

const evidenceOfItem = (item: SeenItem, atMs: number): Evidence => {
  const {id, verdict, noLog, changes, reason, probe = ''} = item
  const shown = noLog
    ? []
    : changes.map(({path, from, to}) => `${path}: ${JSON.stringify(from)}, desired ${JSON.stringify(to)}`)
  const observed = [verdict === 'ok' ? 'as desired' : verdict, ...(reason === undefined ? [] : [reason]), ...shown]
  return {
    what: 'resource',
    of: id,
    command: noLog ? '' : cut(probe, mostProbe),
    observed: cut(observed.join('\n')),
    atMs,
  }
}

const evidenceOf = (seen: Observation): Evidence => ({
  what: 'observation',
  of: seen.on,
  command: cut(seen.command),
  observed:
    'lost' in seen ? seen.lost : cut([`exit code ${seen.code}`, seen.stdout, seen.stderr].filter(Boolean).join('\n')),
  atMs: seen.atMs,
})
