import {randomBytes} from 'node:crypto'
import {exitCodeOfAudit} from '../audit/exit-code.ts'
import type {AuditResult} from '../audit/model.ts'
import {InvalidInput} from '../diagnostic.ts'
import {type Emit, eventVersion, type Mode} from '../events.ts'
import {HostFailure, transportFailure} from '../executor/host-failure.ts'
import {HostRun} from '../executor/host-run.ts'
import {type Connect, TransportError} from '../transport/transport.ts'
import {stackOf} from '../wording.ts'
import {type AuditDesk, type Planned, playAudit} from './audit-play.ts'
import {batchesOf} from './batches.ts'
import {diagnosePair} from './diagnose-play.ts'
import {type DrillDesk, foretellDrill, playDrill} from './drill-play.ts'
import {exitCodeOf} from './exit-code.ts'
import {Gates} from './gates.ts'
import {Gathering} from './gathering.ts'
import type {Fleet, Play} from './model.ts'
import {PlanHosts} from './plan-hosts.ts'
import {RunHosts} from './run-hosts.ts'
import {Semaphore} from './semaphore.ts'

export type RunOptions = {
  readonly fleet: Fleet
  readonly mode: Mode
  readonly connect: Connect
  readonly emit: Emit
  /** Hosts worked on at the same time. */
  readonly forks: number
  readonly signal: AbortSignal
  /** What the user typed, for the record. */
  readonly command: string
  /** `unknown` is a failure. */
  readonly strict?: boolean
  readonly lockWaitSeconds?: number
  /** Why gateways are changed although their peer is sick. */
  readonly forceSick?: string
  /** Tells what steps print while they run. */
  readonly live?: boolean
  /** What drills need of this machine; without it a play with a drill is refused. */
  readonly drillDesk?: DrillDesk
  /** What audits need of it; without it a play with an audit is planned and nothing more. */
  readonly auditDesk?: AuditDesk
}

export type HostState = {readonly run: HostRun; failure?: HostFailure}
type Context = RunOptions & {
  readonly states: ReadonlyMap<string, HostState>
  readonly hosts: RunHosts
  readonly turns: Semaphore
  readonly gathering: Gathering
  readonly planned: ReadonlyMap<string, Promise<void>>
  readonly plans: PlanHosts
  readonly gates: Gates
  readonly runId: string
}

/** Runs a fleet's plays: facts, plans and, in apply mode, the changes. Resolves with the exit code. */
export const runFleet = async (options: RunOptions): Promise<number> => {
  const {fleet, mode, emit, signal, forks} = options
  const start = performance.now()
  const runId = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
  const hosts = new RunHosts(options, runId)
  const turns = new Semaphore(forks)
  const gathering = new Gathering(options, hosts, turns)
  const plans = new PlanHosts(options, {hosts, turns, gathering})
  const gates = new Gates(options, hosts, gathering.health)
  const forced = mode === 'apply' && options.forceSick !== undefined ? {forceSick: options.forceSick} : {}
  const states = openStates(options, {hosts, plans, runId})
  emit({
    event: 'run-start',
    version: eventVersion,
    run: runId,
    mode,
    command: options.command,
    hosts: [...states.keys()],
    plays: fleet.plays.map(({name, hosts}) => ({name, hosts})),
    ...forced,
  })
  const planned = new Map<string, Promise<void>>()
  const context = {...options, states, hosts, turns, gathering, planned, plans, gates, runId}
  for (const [host, {run}] of states)
    planned.set(
      host,
      attempt(host, context, () => plans.plan(run)),
    )
  if (mode === 'apply') for (const play of fleet.plays) await applyPlay(play, context)
  await Promise.all(planned.values())
  if (mode === 'check') {
    foretell(context)
    for (const play of fleet.plays) {
      await applyDrills(play, context, foretellDrill)
      await applyDiagnoses(play, context)
    }
  }
  const audits = mode === 'check' ? await auditPlays(context) : []
  const summaries = [...states.values()].map(({run, failure}) => run.summary(failure))
  for (const summary of summaries) emit({event: 'host-end', host: summary.host, summary})
  await hosts.closeAll()
  const found = exitCodeOf(summaries, {mode, interrupted: signal.aborted, strict: options.strict ?? false})
  const exitCode = audits.length > 0 ? exitCodeOfAudit(found, audits) : found
  const elapsedMs = Math.round(performance.now() - start)
  emit({
    event: 'summary',
    mode,
    exitCode,
    interrupted: signal.aborted,
    hosts: summaries,
    elapsedMs,
    ...forced,
    ...(audits.length > 0 && {isAudit: true as const}),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  })
  return exitCode
}

const openStates = (
  {fleet, mode, emit, signal}: RunOptions,
  {hosts, plans, runId}: {hosts: RunHosts; plans: PlanHosts; runId: string},
): ReadonlyMap<string, HostState> =>
  new Map(
    [...fleet.hosts.keys()]
      .filter(name => fleet.plays.some(play => play.hosts.includes(name)))
      .map(host => [
        host,
        {
          run: new HostRun({
            host,
            mode,
            runId,
            emit,
            signal,
            requestsOf: name => hosts.requestsOf(name),
            ...plans.hooksOf(host),
          }),
        },
      ]),
  )

/** Check mode: what apply would be refused for as things are now. */
const foretell = ({states, gates, emit}: Context): void => {
  for (const [host, {run, failure}] of states) {
    const reason = failure ? undefined : gates.reasonAgainst(host)
    if (reason !== undefined && run.hasWork())
      emit({event: 'warning', host, message: `apply would be refused: ${reason}`})
  }
}

/**
 * One play. Its batches wait for each other; a play without `serial` begins on each host as soon as that host is planned, so
 * that a host which does not answer keeps nobody but its peers waiting. Of a pair one host is changed at a time.
 */
const applyPlay = async (play: Play, context: Context): Promise<void> => {
  if (play.drills) return applyDrills(play, context, playDrill)
  if (play.diagnoses) return applyDiagnoses(play, context)
  const {fleet, states, emit, planned, gathering} = context
  const isReady = (host: string): boolean => states.get(host)?.failure === undefined
  if (play.serial.length > 0) await Promise.all(play.hosts.map(async host => planned.get(host)))
  let hasBegun = false
  const begin = (batch: readonly string[]): void => {
    const hosts = play.hosts.filter(isReady)
    if (!hasBegun) emit({event: 'play-start', play: play.index, name: play.name, hosts})
    if (!hasBegun || play.serial.length > 0)
      emit({event: 'batch-start', play: play.index, hosts: play.serial.length > 0 ? batch : hosts})
    hasBegun = true
  }
  let stopped: string | undefined
  const hosts = play.serial.length > 0 ? gathering.health.inOrder(play.hosts).filter(isReady) : play.hosts
  for (const batch of batchesOf(hosts, play.serial)) {
    if (stopped !== undefined) {
      for (const host of batch) fail(host, context, new HostFailure('skipped', stopped))
      continue
    }
    if (play.serial.length > 0) begin(batch)
    const together = Map.groupBy(batch, host => fleet.hosts.get(host)?.host.pair ?? `host ${host}`)
    await Promise.all(
      [...together.values()].map(async members => {
        await Promise.all(members.map(async host => planned.get(host)))
        for (const host of gathering.health.inOrder(members)) {
          if (!isReady(host)) continue
          if (!hasBegun) begin(batch)
          await applyHost(host, play, context)
        }
      }),
    )
    stopped = reasonToStop(play, batch, context)
    if (stopped !== undefined && (play.maxFailPercentage !== undefined || play.anyErrorsFatal))
      for (const host of play.hosts.filter(isReady)) fail(host, context, new HostFailure('skipped', stopped))
  }
}

/** The drills of a play, one pair after the other, each when both of its gateways were asked. */
const applyDrills = async (play: Play, context: Context, work: typeof playDrill): Promise<void> => {
  const {emit, hosts, states, drillDesk: desk, mode, runId} = context
  if (!play.drills) return
  await Promise.all(play.hosts.map(async host => context.planned.get(host)))
  if (mode === 'apply') emit({event: 'play-start', play: play.index, name: play.name, hosts: play.hosts})
  for (const call of play.drills) {
    const members = [...call.drill.hosts, ...call.drill.standIns]
    const lost = members.find(host => states.get(host)?.failure)
    if (lost !== undefined) {
      for (const host of members)
        if (!states.get(host)?.failure) fail(host, context, new HostFailure('skipped', notStarted(lost, context)))
      continue
    }
    const [first = ''] = members
    await attempt(first, context, async () => {
      if (!desk) throw new HostFailure('refused', 'nothing here can run a drill')
      await work(call, play, {options: context, hosts, desk, run: runId})
    })
    const failure = states.get(first)?.failure
    for (const host of members.slice(1)) {
      if (failure)
        fail(
          host,
          context,
          new HostFailure(failure.status, failure.message, {...(failure.next !== undefined && {next: failure.next})}),
        )
    }
  }
}

/** Whatever became of the hosts: what cannot be decided is in the report too. */
const auditPlays = async (context: Context): Promise<readonly AuditResult[]> => {
  const {fleet, auditDesk: desk, signal, hosts, states, gathering, runId} = context
  const results: AuditResult[] = []
  for (const play of fleet.plays) {
    if (!play.audit || !desk || signal.aborted) continue
    const plannedOf = (host: string): Planned => {
      const state = states.get(host)
      return {
        items: state?.run.seen() ?? [],
        plannedMs: state?.run.plannedMs ?? 0,
        facts: gathering.factsOf(host) ?? {},
        ...(state?.failure && {failure: state.failure.message}),
      }
    }
    results.push(await playAudit(play, {options: context, hosts, run: runId, desk, plannedOf}))
  }
  return results
}

/** The diagnoses of a play, each when the hosts of its pair were asked; one that cannot be asked keeps nobody from the other. */
const applyDiagnoses = async (play: Play, context: Context): Promise<void> => {
  if (!play.diagnoses) return
  await Promise.all(play.hosts.map(async host => context.planned.get(host)))
  for (const call of play.diagnoses)
    for (const [host, failure] of diagnosePair(call, {...context, factsOf: name => context.gathering.factsOf(name)})) {
      const state = context.states.get(host)
      if (state) state.failure ??= failure
    }
}

/** One host of a play: gate, changes, gate. */
const applyHost = async (host: string, play: Play, context: Context): Promise<void> => {
  const {states, turns, plans, gates, gathering} = context
  const state = states.get(host)
  if (!state) return
  const {run} = state
  const lost = gathering.health.peersOf(host).find(peer => states.get(peer)?.failure?.began)
  if (lost !== undefined) fail(host, context, new HostFailure('skipped', notStarted(lost, context)))
  else if (run.hasWork(play.index)) await attempt(host, context, () => gates.before(run))
  if (state.failure) return
  await attempt(host, context, () => turns.within(() => run.applyPlay(play.index)), play)
  if (!state.failure && run.hasWork(play.index)) await attempt(host, context, () => gates.after(run), play)
  plans.ended(host, play)
}

const notStarted = (host: string, {states}: Context): string => {
  const failure = states.get(host)?.failure
  const what = failure?.status === 'interrupted' ? 'was interrupted before it' : 'failed before it'
  return `not started, because ${host} ${failure?.because ?? what}`
}

/** Why the hosts after a batch are not begun. */
const reasonToStop = (
  {serial, maxFailPercentage}: Play,
  batch: readonly string[],
  context: Context,
): string | undefined => {
  const failed = batch.filter(host => context.states.get(host)?.failure?.began)
  const [first] = failed
  if (first === undefined) return undefined
  if (maxFailPercentage === undefined) return serial.length > 0 ? notStarted(first, context) : undefined
  const percentage = (failed.length / batch.length) * 100
  return percentage > maxFailPercentage
    ? `not started, because ${failed.length} of ${batch.length} hosts failed, more than ${maxFailPercentage} %`
    : undefined
}

/** Keeps one host's failure from the others. */
const attempt = async (
  host: string,
  context: Context,
  work: () => Promise<void> | undefined,
  play?: Play,
): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof HostFailure) fail(host, context, error, play)
    else if (error instanceof TransportError) fail(host, context, transportFailure(error, context.signal), play)
    else if (error instanceof InvalidInput) {
      for (const diagnostic of error.diagnostics) context.emit({event: 'diagnostic', diagnostic})
      fail(
        host,
        context,
        new HostFailure('refused', 'its variables or tasks do not fit what was found on it', {cause: error}),
      )
    } else fail(host, context, new HostFailure('failed', defectText(error), {cause: error}), play)
  }
}

const fail = (host: string, context: Context, failure: HostFailure, play?: Play): void => {
  const {states, hosts, emit, fleet, plans, gathering} = context
  const state = states.get(host)
  if (!state) return
  failure.began = play !== undefined
  state.failure = failure
  gathering.end(host, failure.message)
  for (const each of fleet.plays) plans.ended(host, each)
  void hosts.close(host)
  emit({
    event: 'host-failed',
    host,
    status: failure.status,
    message: failure.message,
    ...(play && {play: play.index}),
    ...(failure.id !== undefined && {id: failure.id}),
    ...(failure.next !== undefined && {next: failure.next}),
  })
  if (play && failure.status === 'failed' && (play.anyErrorsFatal || failure.isFatal))
    for (const [other, {run}] of states)
      if (other !== host) run.stop(`stopped, because ${host} failed and any_errors_fatal is set`)
}

const defectText = (error: unknown): string => `a defect of gatewright or of a role: ${stackOf(error)}`
