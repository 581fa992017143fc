import {randomBytes} from 'node:crypto'
import {exitCodeOfAudit} from '../audit/exit-code.ts'
import {eventVersion} from '../events.ts'
import {HostRun} from '../executor/host-run.ts'
import {applyPlay} from './apply-play.ts'
import {foretellDrill} from './drill-play.ts'
import {exitCodeOf} from './exit-code.ts'
import {Gates} from './gates.ts'
import {Gathering} from './gathering.ts'
import {attempt} from './host-attempt.ts'
import {applyDiagnoses, applyDrills, auditPlays} from './pair-plays.ts'
import {PlanHosts} from './plan-hosts.ts'
import type {HostState, RunContext, RunOptions} from './run-context.ts'
import {RunHosts} from './run-hosts.ts'
import {Semaphore} from './semaphore.ts'

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
const foretell = ({states, gates, emit}: RunContext): void => {
  for (const [host, {run, failure}] of states) {
    const reason = failure ? undefined : gates.reasonAgainst(host)
    if (reason !== undefined && run.hasWork())
      emit({event: 'warning', host, message: `apply would be refused: ${reason}`})
  }
}
