import type {DrillGround} from '../drill/ground.ts'
import type {DrillResult} from '../drill/model.ts'
import {type DrillOptions, planDrill, runDrill} from '../drill/run-drill.ts'
import {startCommand} from '../drill/running-command.ts'
import {DrillRefused} from '../drill/safety.ts'
import {noQuestions} from '../executor/health.ts'
import {HostFailure} from '../executor/host-failure.ts'
import {count} from '../wording.ts'
import type {DrillCall, Play} from './model.ts'
import {healthOf} from './pair-health.ts'
import type {RunOptions} from './run-context.ts'
import type {RunHosts} from './run-hosts.ts'
import {taskRunner} from './task-run.ts'

/** What a drill needs of the control machine and of the person at it; the command line gives it. */
export type DrillDesk = DrillOptions &
  Pick<DrillGround, 'runHere' | 'askPerson' | 'operator' | 'engine'> & {
    /** The neighbour of this machine to which packets for an address go; undefined: the address itself, or unknown. */
    nextHop(address: string): Promise<string | undefined>
  }

type Context = {readonly options: RunOptions; readonly hosts: RunHosts; readonly desk: DrillDesk; readonly run: string}

const root = 'root'

/** Check mode: what the drill of a pair would do. */
export const foretellDrill = async (call: DrillCall, play: Play, context: Context): Promise<void> =>
  planDrill(groundOf(call, play, context), context.desk.isPersonThere)

/** Drills a pair. Throws HostFailure, for both gateways, when it was refused or something was not as it should be. */
export const playDrill = async (call: DrillCall, play: Play, context: Context): Promise<void> => {
  const ground = groundOf(call, play, context)
  try {
    const failure = failureOf(await runDrill(ground, context.desk))
    if (failure) throw failure
  } catch (error) {
    if (error instanceof DrillRefused)
      throw new HostFailure('refused', error.message, {next: `nothing was broken; ${error.next}`})
    throw error
  }
}

const failureOf = ({scenarios, stateChanges, isInterrupted}: DrillResult): HostFailure | undefined => {
  if (isInterrupted) return new HostFailure('interrupted', 'interrupted')
  const failed = scenarios.filter(({verdict}) => verdict === 'failed' || verdict === 'not run')
  const next = 'the report says what each of them saw; mend the cause and run it again with --scenario'
  if (failed.length > 0)
    return new HostFailure(
      'failed',
      `${count(failed.length, 'scenario')} of the drill failed: ${failed.map(({id}) => id).join(', ')}`,
      {next},
    )
  return stateChanges.length > 0
    ? new HostFailure(
        'failed',
        `the drill left something behind: ${stateChanges.map(({host, section}) => `${section} of ${host}`).join(', ')}`,
        {next},
      )
    : undefined
}

const groundOf = ({drill, calls}: DrillCall, play: Play, {options, hosts, desk, run}: Context): DrillGround => {
  const {fleet, emit, signal} = options
  const runTask = taskRunner(fleet, name => hosts.connectionTo(name), emit)
  const first = fleet.hosts.get(drill.hosts[0] ?? '')
  const call = (name: string) => {
    const found = calls.get(name)
    if (!found) throw new Error(`the task ${name} was not loaded`)
    return found
  }
  const order =
    (name: string, how: 'run' | 'plan' | 'heal') => async (host: string, args: Readonly<Record<string, unknown>>) => {
      const {message} = await runTask({
        call: call(name),
        id: `task ${name}`,
        play,
        host,
        facts: {},
        args,
        become: root,
        how,
      })
      return message ?? name
    }
  return {
    drill,
    terms: first?.drillTerms ?? {isLab: false, windows: [], currency: 'USD'},
    run,
    engine: desk.engine,
    operator: desk.operator,
    ...(first?.host.site !== undefined && {site: first.host.site}),
    linksOf: host =>
      new Map(Object.entries(fleet.hosts.get(host)?.host.links ?? {}).map(([name, {device}]) => [device, name])),
    addresses: new Set(
      drill.hosts.flatMap(name => [
        ...Object.values(fleet.hosts.get(name)?.host.links ?? {}).flatMap(({addresses}) => addresses.map(bare)),
        ...(fleet.offers.get(name) ?? []).flatMap(offer =>
          offer.offer === 'claim' && offer.what === 'virtual address' ? [bare(offer.value)] : [],
        ),
      ]),
    ),
    waysTo: async host => {
      const target = fleet.hosts.get(host)?.target
      if (!target || target.transport === 'local') return []
      const way = [target, ...(target.jumps ?? [])].map(({address}) => address)
      const hops = await Promise.all(way.map(address => desk.nextHop(address)))
      return [...way.slice(1), ...hops.filter(hop => hop !== undefined)]
    },
    emit,
    signal,
    now: () => performance.timeOrigin + performance.now(),
    ask: async (host, script, timeoutMs = 10_000) => {
      const connection = hosts.connectionTo(host)
      const [outcome] = await (await connection.sideShell(root)).request([{id: 'drill', script, timeoutMs}])
      if (outcome?.status !== 'done') throw new Error(`${host} did not answer`)
      return outcome
    },
    askAsUser: async (host, script) => {
      const [outcome] = await (await hosts.connectionTo(host).sideShell(undefined)).request([
        {id: 'drill', script, timeoutMs: 10_000},
      ])
      if (outcome?.status !== 'done') throw new Error(`${host} did not answer`)
      return outcome
    },
    health: async host => healthOf(await hosts.requestsOf(host).health(fleet.health.get(host) ?? noQuestions)),
    task: name => ({
      run: order(name, 'run'),
      plan: async (host, args) =>
        call(name).plan ? order(name, 'plan')(host, args) : `${name} ${JSON.stringify(args)}`,
      heal: call(name).heal && order(name, 'heal'),
    }),
    start: async (host, words) => startCommand(await hosts.connectionTo(host).session(), words),
    drop: async host => hosts.close(host),
    lockAgain: async host => hosts.requestsOf(host).lock(),
    runHere: desk.runHere,
    // As an event too: at a terminal live lines are drawn over what is written beside them.
    askPerson: async question => {
      emit({event: 'drill-phase', pair: drill.pair, scenario: '', text: question.trim()})
      return desk.askPerson(question)
    },
    eventsOf: host => fleet.events.get(host) ?? [],
    note: async (host, text) => hosts.requestsOf(host).note(`${text} (run ${run})`),
  }
}

const bare = (address: string): string => address.split('/')[0] ?? address
