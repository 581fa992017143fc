import {faultText, subjectsOf} from './faults.ts'
import type {DrillGround} from './ground.ts'
import {compareStates, stateIn, stateScript} from './host-state.ts'
import {worstSilence} from './judge.ts'
import type {DrillResult, HostState, Scenario, ScenarioResult, StateChange} from './model.ts'
import {pairNow, settled} from './pair-state.ts'
import {hostsWithNode} from './probes.ts'
import {notPlayed, runScenario} from './run-scenario.ts'
import {checkPair, ownLinks, withoutUnsafe} from './safety.ts'

export type DrillOptions = {
  /** Somebody can be asked. */
  readonly isPersonThere: boolean
  /** Files the report; resolves with its paths. */
  report(result: DrillResult): Promise<readonly string[]>
}

/** Says what a drill would do, on whom as things are now. Nothing is changed. */
export const planDrill = async (ground: DrillGround, isPersonThere: boolean): Promise<void> => {
  const {drill, terms} = ground
  const {holders, complaints} = await pairNow(ground)
  for (const complaint of complaints)
    ground.emit({event: 'drill-phase', pair: drill.pair, scenario: '', text: `it would be refused: ${complaint}`})
  const scenarios = withoutUnsafe(drill, await ownLinks(ground), terms, isPersonThere)
  const steps = []
  for (const scenario of scenarios) {
    const {id, title, breaks, holdSeconds, goalSeconds, leftOut, faults} = scenario
    const texts: string[] = []
    for (const fault of leftOut === undefined ? faults : [])
      for (const host of subjectsOf(fault, drill, holders[0] ?? drill.hosts[0] ?? ''))
        texts.push(
          `${fault.wait ? 'then, when the pair is well again, ' : ''}${await faultText(ground, fault, host, scenario)}`,
        )
    steps.push({
      id,
      title,
      breaks,
      holdSeconds,
      budgetMs: scenario.outageSeconds * 1000,
      ...(goalSeconds !== undefined && {goalMs: goalSeconds * 1000}),
      faults: texts,
      ...(leftOut !== undefined && {leftOut}),
    })
  }
  ground.emit({event: 'drill-plan', pair: drill.pair, scenarios: steps})
}

/** Drills one pair, and leaves it as it was. Throws DrillRefused, TransportError. */
export const runDrill = async (ground: DrillGround, options: DrillOptions): Promise<DrillResult> => {
  const {drill, terms, emit, signal} = ground
  const startedMs = ground.now()
  await checkPair(ground)
  const scenarios = withoutUnsafe(drill, await ownLinks(ground), terms, options.isPersonThere)
  const probeHosts = [...new Set(drill.paths.flatMap(({from, to}) => (to === undefined ? [from] : [from, to])))]
  const withNode = await hostsWithNode(ground, probeHosts)
  const first = await pairNow(ground)
  const before = await statesOf(ground)
  const played = scenarios.filter(({leftOut}) => leftOut === undefined)
  emit({event: 'drill-start', pair: drill.pair, scenarios: played.map(({id}) => id)})
  for (const host of drill.hosts) await ground.note(host, `drill begins: ${played.map(({id}) => id).join(', ')}`)
  const results: ScenarioResult[] = []
  let clockMs = 0
  let stuck: string | undefined
  for (const scenario of scenarios) {
    const result = await one(scenario)
    results.push(result)
    if (result.verdict !== 'left out') emit(endOf(drill.pair, scenario, result))
  }
  await giveBack(ground, first.holders[0] ?? '')
  const stateChanges =
    signal.aborted && results.every(({verdict}) => verdict === 'not run') ? [] : await changesSince(ground, before)
  for (const host of drill.hosts) await ground.note(host, 'drill ends')
  const result: DrillResult = {
    version: 1,
    run: ground.run,
    engine: ground.engine,
    pair: drill.pair,
    ...(ground.site !== undefined && {site: ground.site}),
    operator: ground.operator,
    hosts: [...first.health].map(([name, {checks}]) => ({name, checks})),
    startedMs,
    endedMs: ground.now(),
    isLab: terms.isLab,
    isInterrupted: signal.aborted,
    clockMs,
    scenarios: results,
    stateChanges,
    ...(terms.costPerHour !== undefined && {costPerHour: terms.costPerHour}),
    currency: terms.currency,
  }
  const count = (verdict: ScenarioResult['verdict']): number => results.filter(each => each.verdict === verdict).length
  emit({
    event: 'drill-end',
    pair: drill.pair,
    passed: count('passed'),
    failed: count('failed'),
    leftOut: count('left out'),
    notRun: count('not run'),
    stateChanges,
    report: await options.report(result),
  })
  return result

  async function one(scenario: Scenario): Promise<ScenarioResult> {
    if (scenario.leftOut !== undefined) return notPlayed(scenario, 'left out', scenario.leftOut, ground.now())
    if (signal.aborted) return notPlayed(scenario, 'not run', 'the drill was interrupted before it', ground.now())
    if (stuck !== undefined) return notPlayed(scenario, 'not run', stuck, ground.now())
    emit({
      event: 'scenario-start',
      pair: drill.pair,
      scenario: scenario.id,
      title: scenario.title,
      number: played.indexOf(scenario) + 1,
      of: played.length,
    })
    const {result, isStuck, clockMs: uncertain} = await runScenario(ground, scenario, withNode)
    clockMs = Math.max(clockMs, uncertain)
    if (isStuck) stuck = `the pair did not get well after '${scenario.id}'`
    return result
  }
}

const endOf = (pair: string, scenario: Scenario, result: ScenarioResult) => {
  const {gapMs, limitMs} = worstSilence(scenario, result.paths)
  return {
    event: 'scenario-end',
    pair,
    scenario: result.id,
    title: result.title,
    verdict: result.verdict,
    because: result.because,
    gapMs: Math.round(gapMs),
    budgetMs: limitMs,
    goalMissed: result.goalMissed,
    sessionsLost: result.paths.reduce(
      (sum, {sessions}) => sum + (sessions ? sessions.opened - sessions.survived : 0),
      0,
    ),
  } as const
}

const statesOf = async (ground: DrillGround): Promise<ReadonlyMap<string, HostState>> =>
  new Map(
    await Promise.all(
      [...ground.drill.hosts, ...ground.drill.standIns].map(
        async host => [host, stateIn((await ground.ask(host, stateScript, 20_000)).stdout)] as const,
      ),
    ),
  )

/** Seconds in which routes and timers have to be as before. */
const sameWithinSeconds = 30

/** What is still different when all had time to come back. */
const changesSince = async (
  ground: DrillGround,
  before: ReadonlyMap<string, HostState>,
): Promise<readonly StateChange[]> => {
  const deadline = performance.now() + sameWithinSeconds * 1000
  for (;;) {
    const after = await statesOf(ground)
    const changes = [...after].flatMap(([host, state]) => compareStates(host, before.get(host) ?? {}, state))
    if (changes.length === 0 || performance.now() > deadline) return changes
    await new Promise(resolve => setTimeout(resolve, 1000))
  }
}

/** The traffic goes back to where it was, by the task that the drill names for it. */
const giveBack = async (ground: DrillGround, holder: string): Promise<void> => {
  const {restore, settleSeconds, hosts, pair} = ground.drill
  const now = await settled(ground, settleSeconds)
  if (restore === undefined || holder === '' || now.complaints.length > 0 || now.holders[0] === holder) return
  ground.emit({event: 'drill-phase', pair, scenario: '', text: `the traffic goes back to ${holder}`})
  await ground.task(restore).run(hosts[0] ?? holder, {to: holder})
  await settled(ground, settleSeconds)
}
