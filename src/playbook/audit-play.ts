import {moved} from '../audit/compare.ts'
import {judge} from '../audit/judge.ts'
import {itemsOf} from '../audit/matching.ts'
import type {AuditRecord, AuditResult, Control, Observation, SeenItem} from '../audit/model.ts'
import {InvalidInput} from '../diagnostic.ts'
import {filedFingerprints} from '../transport/host-key.ts'
import {messageOf} from '../wording.ts'
import type {Entry, Facts, HostAudit, Play} from './model.ts'
import type {RunOptions} from './run-context.ts'
import type {RunHosts} from './run-hosts.ts'

/** What an audit needs of the control machine; the command line gives it. */
export type AuditDesk = {
  readonly operator: string
  readonly engine: string
  /** Days since the last drill of a pair that passed; undefined: none is on file. */
  drillDays(pair: string): number | undefined
  /** The last audit of the same hosts. */
  previous(hosts: readonly string[]): AuditResult | undefined
  /** Files the report, without secrets, and names what was written. */
  report(result: AuditResult): Promise<{readonly result: AuditResult; readonly files: readonly string[]}>
}

/** What check mode has found on a host. */
export type Planned = {
  readonly items: readonly SeenItem[]
  readonly plannedMs: number
  readonly facts: Facts
  readonly failure?: string
}

type Context = {
  readonly options: RunOptions
  readonly hosts: RunHosts
  readonly run: string
  readonly desk: AuditDesk
  readonly plannedOf: (host: string) => Planned
}

/** One look of a control: at a host, perhaps from another one. */
type Look = {readonly host: string; readonly control: Control; readonly on: string; readonly command: string}

const lookTimeoutMs = 60_000

/** Judges every control of a play on each of its hosts, and files the report. Writes to no host. */
export const playAudit = async (play: Play, context: Context): Promise<AuditResult> => {
  const {desk, run, options} = context
  const startedMs = Date.now()
  const audits = play.audit ?? new Map<string, HostAudit>()
  const [first] = audits.values()
  options.emit({event: 'audit-start', hosts: [...audits.keys()], controls: first?.audit.controls.length ?? 0})
  const seen = await lookAll(looksOf(audits, context), context)
  const records: AuditRecord[] = []
  for (const [host, audit] of audits) records.push(...(await judgeHost(host, audit, seen, context)))
  const hosts = [...audits.keys()]
  const before = desk.previous(hosts)
  const {result, files} = await desk.report({
    format: 1,
    run,
    engine: desk.engine,
    operator: desk.operator,
    startedMs,
    endedMs: Date.now(),
    hosts,
    controls: (first?.audit.controls ?? []).map(
      ({id, title, rationale, severity, requirements, references, expected}) => ({
        id,
        title,
        rationale,
        severity,
        requirements,
        references,
        ...(expected !== undefined && {expected}),
      }),
    ),
    requirements: first?.audit.requirements ?? [],
    records,
    ...(before && {since: {run: before.run, startedMs: before.startedMs, moved: moved(before.records, records)}}),
  })
  options.emit({event: 'audit-end', result, report: files})
  return result
}

const looksOf = (audits: ReadonlyMap<string, HostAudit>, context: Context): readonly Look[] =>
  [...audits].flatMap(([host, audit]) =>
    audit.audit.controls.flatMap((control, index): Look[] =>
      control.observe === undefined || applies(host, audit, index, context) !== true
        ? []
        : [
            {host, control, on: control.on ?? host, command: control.observe},
            ...peersOutside(host, control, audits, context).map(peer => ({
              host: peer,
              control,
              on: peer,
              command: control.observe ?? '',
            })),
          ],
    ),
  )

/** Hosts that the audit is not about, and that a control compares with. */
const peersOutside = (
  host: string,
  control: Control,
  audits: ReadonlyMap<string, HostAudit>,
  context: Context,
): readonly string[] => (comparesPeers(control) ? peersOf(host, context).filter(peer => !audits.has(peer)) : [])

const comparesPeers = ({passes}: Control): boolean => /\bpeers\b/.test(passes ?? '')

const keyOf = (host: string, control: string): string => `${host} ${control}`

/** One request to each host that is asked. */
const lookAll = async (looks: readonly Look[], context: Context): Promise<ReadonlyMap<string, Observation>> => {
  const answers = await Promise.all(
    [...Map.groupBy(looks, ({on}) => on)].map(async ([on, some]) => {
      try {
        return await lookOn(on, some, context)
      } catch (error) {
        const atMs = Date.now()
        return some.map(({command}): Observation => ({command, on, atMs, lost: messageOf(error)}))
      }
    }),
  )
  const flat = [...Map.groupBy(looks, ({on}) => on).values()].flat()
  return new Map(
    answers.flat().map((answer, index) => [keyOf(flat[index]?.host ?? '', flat[index]?.control.id ?? ''), answer]),
  )
}

const lookOn = async (on: string, looks: readonly Look[], {hosts, options}: Context): Promise<Observation[]> => {
  const become = options.fleet.plays.find(play => play.hosts.includes(on))?.become(on)
  const shell = await hosts.connectionTo(on).shell(become)
  const outcomes = await shell.request(
    looks.map(({control, command}) => ({id: `audit ${control.id}`, script: command, timeoutMs: lookTimeoutMs})),
  )
  const atMs = Date.now()
  return looks.map(({command}, index) => {
    const outcome = outcomes[index]
    if (outcome?.status !== 'done') return {command, on, atMs, lost: `${on} did not answer`}
    const {code, stdout, stderr} = outcome
    return {command, on, atMs, code, stdout, stderr}
  })
}

const judgeHost = async (
  host: string,
  audit: HostAudit,
  seen: ReadonlyMap<string, Observation>,
  context: Context,
): Promise<readonly AuditRecord[]> => {
  const {options, plannedOf} = context
  const {controls, waivers} = audit.audit
  const {items, plannedMs, failure} = plannedOf(host)
  const matched = itemsOf(controls, items)
  const target = options.fleet.hosts.get(host)?.target
  const keys = target ? await filedFingerprints(target).catch(() => []) : []
  const terms = {
    host,
    hostKeys: keys.map(key => key.replace(/ \(.*\)$/, '')),
    waivers,
    plannedMs,
    today: new Date().toISOString().slice(0, 10),
  }
  return controls.map((control, index) => {
    const observation = seen.get(keyOf(host, control.id))
    const isApplied = applies(host, audit, index, context)
    const holds =
      control.passes !== undefined && isApplied === true
        ? (unseenPeer(host, control, seen, context) ??
          attemptTo(() => audit.holds(index, 'passes', valuesOf(host, control, seen, context), plannedOf(host).facts)))
        : undefined
    return judge(
      control,
      {
        items: matched.get(control.id) ?? [],
        ...(failure !== undefined && {noPlan: failure}),
        applies: isApplied !== false,
        ...(observation && {observation}),
        ...(typeof isApplied === 'string' ? {holds: isApplied} : holds !== undefined && {holds}),
      },
      terms,
    )
  })
}

/** A text: why its condition could not be evaluated. */
const applies = (host: string, audit: HostAudit, index: number, context: Context): boolean | string => {
  const control = audit.audit.controls[index]
  if (control?.applies === undefined) return true
  return attemptTo(() =>
    audit.holds(index, 'applies', valuesOf(host, control, new Map(), context), context.plannedOf(host).facts),
  )
}

/** Why what compares with the peer cannot be told: a peer that nobody saw is no different one, and no equal one. */
const unseenPeer = (
  host: string,
  control: Control,
  seen: ReadonlyMap<string, Observation>,
  context: Context,
): string | undefined => {
  if (!comparesPeers(control)) return undefined
  const peers = peersOf(host, context)
  const unseen = peers.find(name => {
    const answer = seen.get(keyOf(name, control.id))
    return !answer || 'lost' in answer
  })
  if (unseen !== undefined) return `${unseen} was not asked, or did not answer`
  return peers.length > 0 ? undefined : 'the host has no peer'
}

/** The other hosts of its pair, or those of the pair that it stands in for. */
const peersOf = (host: string, {options: {fleet}}: Context): readonly string[] => {
  const own = fleet.hosts.get(host)?.host
  const pair = own?.standsInFor ?? own?.pair
  return pair === undefined
    ? []
    : [...fleet.hosts.values()].flatMap(({name, host: other}) => (name !== host && other.pair === pair ? [name] : []))
}

const attemptTo = (work: () => boolean): boolean | string => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    return error.diagnostics.map(({what}) => what).join('; ')
  }
}

/** What expressions of controls see. */
const valuesOf = (
  host: string,
  control: Control,
  seen: ReadonlyMap<string, Observation>,
  context: Context,
): Readonly<Record<string, unknown>> => {
  const {
    options: {fleet},
    desk,
    plannedOf,
  } = context
  const own = fleet.hosts.get(host)?.host
  const drilled = own?.standsInFor ?? own?.pair
  const answerOf = (name: string): Observation | undefined => seen.get(keyOf(name, control.id))
  const answer = answerOf(host)
  return {
    ...(answer && 'code' in answer
      ? {code: answer.code, stdout: answer.stdout.trimEnd(), lines: linesOf(answer)}
      : {code: 0, stdout: '', lines: []}),
    peers: peersOf(host, context).map(name => ({host: name, lines: linesOf(answerOf(name))})),
    facts: plannedOf(host).facts,
    flows: (fleet.offers.get(host) ?? []).flatMap(offer =>
      offer.offer === 'flow' && offer.port !== undefined ? [`${offer.protocol}/${offer.port}`] : [],
    ),
    settings: settingsOf(host, fleet.plays, plannedOf(host).facts),
    links: own?.links ?? {},
    drill_days: (drilled === undefined ? undefined : desk.drillDays(drilled)) ?? null,
  }
}

/** Role that is applied to the host -> its variables there, defaults included. */
const settingsOf = (host: string, plays: readonly Play[], facts: Facts): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    plays.flatMap(({entries}) =>
      entries.flatMap(entry =>
        entry.entry === 'role' && entry.call.vars.has(host) && isApplied(entry, host, facts)
          ? [[entry.call.role.name, entry.call.vars.get(host)]]
          : [],
      ),
    ),
  )

/** A condition over what is known later only is taken as true. */
const isApplied = (entry: Entry & {entry: 'role'}, host: string, facts: Facts): boolean => {
  try {
    return entry.when(host, {facts, registered: new Map()})
  } catch {
    return true
  }
}

const linesOf = (answer: Observation | undefined): readonly string[] =>
  answer && 'stdout' in answer ? answer.stdout.split('\n').filter(line => line.trim() !== '') : []
