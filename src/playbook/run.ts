import {randomBytes} from 'node:crypto'
import {InvalidInput} from '../diagnostic.ts'
import {type Emit, eventVersion, type Mode} from '../events.ts'
import {Connection} from '../executor/connection.ts'
import {HostFailure, transportFailure} from '../executor/host-failure.ts'
import {HostRun} from '../executor/host-run.ts'
import type {Fact} from '../facts/fact.ts'
import {standardFacts} from '../facts/standard.ts'
import type {Line} from '../planner/line.ts'
import {planHost, type TaskPlan, type TaskPlans} from '../planner/plan.ts'
import {type Connect, TransportError} from '../transport/transport.ts'
import {messageOf, stackOf} from '../wording.ts'
import {batchesOf} from './batches.ts'
import {exitCodeOf} from './exit-code.ts'
import {limitConcurrency} from './limit-concurrency.ts'
import {linesOf} from './lines.ts'
import type {Fleet, Play} from './model.ts'
import {taskRunner} from './task-run.ts'

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

type HostState = {readonly run: HostRun; failure?: HostFailure}
type States = ReadonlyMap<string, HostState>
type Context = RunOptions & {readonly states: States; readonly connections: ReadonlyMap<string, Connection>}

/** Runs a fleet's plays: facts, plans and, in apply mode, the changes. Resolves with the exit code. */
export const runFleet = async (options: RunOptions): Promise<number> => {
  const {fleet, mode, emit, signal, forks} = options
  const start = performance.now()
  const runId = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
  const connections = openConnections(options)
  const states = openHosts(options, connections, runId)
  const context = {...options, states, connections}
  emit({
    event: 'run-start',
    version: eventVersion,
    run: runId,
    mode,
    command: options.command,
    hosts: [...states.keys()],
    plays: fleet.plays.map(({name, hosts}) => ({name, hosts})),
  })
  await limitConcurrency([...states.keys()], forks, host => attempt(host, context, () => planOne(host, context)))
  if (mode === 'apply') for (const play of fleet.plays) await applyPlay(play, context)
  const hosts = [...states.values()].map(({run, failure}) => run.summary(failure))
  for (const summary of hosts) emit({event: 'host-end', host: summary.host, summary})
  await Promise.all([...connections.values()].map(connection => connection.close()))
  const exitCode = exitCodeOf(hosts, {mode, interrupted: signal.aborted, strict: options.strict ?? false})
  const elapsedMs = Math.round(performance.now() - start)
  emit({
    event: 'summary',
    mode,
    exitCode,
    interrupted: signal.aborted,
    hosts,
    elapsedMs,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  })
  return exitCode
}

/** A connection, made when first needed, to every host of the fleet: tasks reach peers that no play names. */
const openConnections = ({fleet, mode, connect, signal, live = false}: RunOptions): ReadonlyMap<string, Connection> =>
  new Map(
    [...fleet.hosts.values()].map(({name, target}) => {
      const plays = fleet.plays.filter(({hosts}) => hosts.includes(name))
      const become = (plays.length > 0 ? plays : fleet.plays)
        .map(play => play.become(name))
        .find(user => user !== undefined)
      return [name, new Connection(connect, target, {become, readOnly: mode === 'check', signal, isLive: live})]
    }),
  )

const openHosts = (
  {fleet, mode, emit, signal, lockWaitSeconds = 30}: RunOptions,
  connections: ReadonlyMap<string, Connection>,
  runId: string,
): States =>
  new Map(
    [...connections]
      .filter(([name]) => fleet.plays.some(({hosts}) => hosts.includes(name)))
      .map(([name, connection]) => [
        name,
        {run: new HostRun({connection, mode, runId, emit, signal, lockWaitSeconds})},
      ]),
  )

/** Facts, lines and plan of one host. */
const planOne = async (name: string, context: Context): Promise<void> => {
  const {fleet, mode} = context
  const host = fleet.hosts.get(name)
  const state = context.states.get(name)
  if (!host || !state) return
  context.emit({event: 'host-start', host: name})
  const facts = await state.run.gather(factsFor(fleet.plays.filter(({hosts}) => hosts.includes(name))))
  const lines = linesOf({fleet, host, facts, runTask: taskRunner(fleet, context.connections, context.emit)})
  const tasks = mode === 'check' ? await planTasks(lines, name) : new Map()
  await state.run.plan(
    lines.flatMap(line => ('resource' in line ? [{resource: line.resource, become: line.become}] : [])),
    (answers, done) => planHost(lines, answers, done, tasks),
  )
}

const factsFor = (plays: readonly Play[]): readonly Fact<unknown>[] => {
  const roles = plays.flatMap(({entries}) => entries.flatMap(entry => ('call' in entry ? [entry.call.role] : [])))
  const all: Fact<unknown>[] = [
    ...(plays.some(({gatherFacts}) => gatherFacts) ? Object.values(standardFacts) : []),
    ...roles.flatMap(({facts}) => Object.values(facts as Record<string, Fact<unknown>>)),
  ]
  return [...new Map(all.map(fact => [fact.name, fact])).values()]
}

/** Check mode: tasks that can say what they would do are asked. */
const planTasks = async (lines: readonly Line[], host: string): Promise<TaskPlans> => {
  const plans = new Map<string, TaskPlan>()
  for (const line of lines)
    if (line.line === 'task' && line.plan)
      plans.set(
        line.id,
        await line.plan().catch((error: unknown) => {
          const isOfHost = error instanceof TransportError && error.host === host
          if (isOfHost || error instanceof InvalidInput) throw error
          return {failed: messageOf(error)}
        }),
      )
  return plans
}

const applyPlay = async (play: Play, context: Context): Promise<void> => {
  const {states, emit, forks} = context
  const ready = (host: string): boolean => states.get(host)?.failure === undefined
  const hosts = play.hosts.filter(ready)
  if (hosts.length === 0) return
  emit({event: 'play-start', play: play.index, name: play.name, hosts})
  for (const batch of batchesOf(hosts, play.serial)) {
    const failed = play.serial.length > 0 && play.hosts.find(host => !ready(host) && states.get(host)?.failure?.began)
    if (failed) {
      const what = states.get(failed)?.failure?.status === 'interrupted' ? 'was interrupted' : 'failed'
      for (const host of batch)
        fail(host, context, new HostFailure('skipped', `not started, because ${failed} ${what} before it`))
      continue
    }
    emit({event: 'batch-start', play: play.index, hosts: batch})
    await limitConcurrency(batch, forks, host =>
      attempt(host, context, () => states.get(host)?.run.applyPlay(play.index), play.index),
    )
  }
}

/** Keeps one host's failure from the others. */
const attempt = async (
  host: string,
  context: Context,
  work: () => Promise<void> | undefined,
  play?: number,
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

const fail = (host: string, {states, connections, emit}: Context, failure: HostFailure, play?: number): void => {
  const state = states.get(host)
  if (!state) return
  failure.began = play !== undefined
  state.failure = failure
  void connections.get(host)?.close()
  emit({
    event: 'host-failed',
    host,
    status: failure.status,
    message: failure.message,
    ...(play !== undefined && {play}),
    ...(failure.id !== undefined && {id: failure.id}),
    ...(failure.next !== undefined && {next: failure.next}),
  })
}

const defectText = (error: unknown): string => `a defect of gatewright or of a role: ${stackOf(error)}`
