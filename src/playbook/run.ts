import {randomBytes} from 'node:crypto'
import {InvalidInput} from '../diagnostic.ts'
import {type Emit, eventVersion, type Mode} from '../events.ts'
import {HostFailure, transportFailure} from '../executor/host-failure.ts'
import {HostRun} from '../executor/host-run.ts'
import {type Connect, TransportError} from '../transport/transport.ts'
import {stackOf} from '../wording.ts'
import {batchesOf} from './batches.ts'
import {exitCodeOf} from './exit-code.ts'
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
  /** Tells what steps print while they run. */
  readonly live?: boolean
}

export type HostState = {readonly run: HostRun; failure?: HostFailure}
type Context = RunOptions & {
  readonly states: ReadonlyMap<string, HostState>
  readonly hosts: RunHosts
  readonly turns: Semaphore
  readonly planned: ReadonlyMap<string, Promise<void>>
  readonly plans: PlanHosts
}

/** Runs a fleet's plays: facts, plans and, in apply mode, the changes. Resolves with the exit code. */
export const runFleet = async (options: RunOptions): Promise<number> => {
  const {fleet, mode, emit, signal, forks} = options
  const start = performance.now()
  const runId = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
  const hosts = new RunHosts(options, runId)
  const turns = new Semaphore(forks)
  const plans = new PlanHosts(options, hosts, turns)
  const states = openStates(options, {hosts, plans, runId})
  emit({
    event: 'run-start',
    version: eventVersion,
    run: runId,
    mode,
    command: options.command,
    hosts: [...states.keys()],
    plays: fleet.plays.map(({name, hosts}) => ({name, hosts})),
  })
  const planned = new Map<string, Promise<void>>()
  const context = {...options, states, hosts, turns, planned, plans}
  for (const [host, {run}] of states)
    planned.set(
      host,
      attempt(host, context, () => plans.plan(run)),
    )
  if (mode === 'apply') for (const play of fleet.plays) await applyPlay(play, context)
  await Promise.all(planned.values())
  const summaries = [...states.values()].map(({run, failure}) => run.summary(failure))
  for (const summary of summaries) emit({event: 'host-end', host: summary.host, summary})
  await hosts.closeAll()
  const exitCode = exitCodeOf(summaries, {mode, interrupted: signal.aborted, strict: options.strict ?? false})
  const elapsedMs = Math.round(performance.now() - start)
  emit({
    event: 'summary',
    mode,
    exitCode,
    interrupted: signal.aborted,
    hosts: summaries,
    elapsedMs,
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

/**
 * One play. Its batches wait for each other; a play without `serial` begins on each host as soon as that host is planned, so
 * that a host which does not answer keeps nobody waiting.
 */
const applyPlay = async (play: Play, context: Context): Promise<void> => {
  const {states, emit, planned} = context
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
  for (const batch of batchesOf(play.serial.length > 0 ? play.hosts.filter(isReady) : play.hosts, play.serial)) {
    if (stopped !== undefined) {
      for (const host of batch) fail(host, context, new HostFailure('skipped', stopped))
      continue
    }
    if (play.serial.length > 0) begin(batch)
    await Promise.all(
      batch.map(async host => {
        await planned.get(host)
        if (!isReady(host)) return
        if (!hasBegun) begin(batch)
        await applyHost(host, play, context)
      }),
    )
    stopped = reasonToStop(play, batch, context)
    if (stopped !== undefined && (play.maxFailPercentage !== undefined || play.anyErrorsFatal))
      for (const host of play.hosts.filter(isReady)) fail(host, context, new HostFailure('skipped', stopped))
  }
}

const applyHost = async (host: string, play: Play, context: Context): Promise<void> => {
  const {states, turns, plans} = context
  await attempt(host, context, () => turns.within(async () => states.get(host)?.run.applyPlay(play.index)), play)
  plans.ended(host, play)
}

/** Why the hosts after a batch are not begun. */
const reasonToStop = (
  {serial, maxFailPercentage}: Play,
  batch: readonly string[],
  {states}: Context,
): string | undefined => {
  const failed = batch.filter(host => states.get(host)?.failure?.began)
  const [first] = failed
  if (first === undefined) return undefined
  const what = states.get(first)?.failure?.status === 'interrupted' ? 'was interrupted' : 'failed'
  if (maxFailPercentage === undefined)
    return serial.length > 0 ? `not started, because ${first} ${what} before it` : undefined
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
  const {states, hosts, emit} = context
  const state = states.get(host)
  if (!state) return
  failure.began = play !== undefined
  state.failure = failure
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
