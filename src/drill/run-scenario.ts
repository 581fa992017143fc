import {setTimeout as sleep} from 'node:timers/promises'
import {messageOf} from '../wording.ts'
import {compareClocks} from './clock.ts'
import {type Injected, inject, subjectsOf, undo} from './faults.ts'
import type {DrillGround} from './ground.ts'
import {isAway} from './hands.ts'
import {eventsIn, journalScript} from './journal-events.ts'
import {effectMs, judge, phasesOf, worstSilence} from './judge.ts'
import type {PathResult, ProtocolEvent, Scenario, ScenarioResult} from './model.ts'
import {pairNow, settled} from './pair-state.ts'
import {type Probes, startProbes} from './probes.ts'

export type Played = {
  readonly result: ScenarioResult
  readonly clockMs: number
  /** The pair did not get well again: nothing more may be broken. */
  readonly isStuck: boolean
}

/** Why nothing came of a scenario. */
class Stop extends Error {}

/** Plays one scenario: measure, break, hold, undo, wait until the pair is well, judge. Faults are undone however it ends. */
export const runScenario = async (
  ground: DrillGround,
  scenario: Scenario,
  withNode: ReadonlySet<string>,
): Promise<Played> => {
  const {drill, signal} = ground
  const startMs = ground.now()
  const injected: Injected[] = []
  const said: string[] = []
  const phase = (text: string): void =>
    ground.emit({event: 'drill-phase', pair: drill.pair, scenario: scenario.id, text})
  let probes: Probes | undefined
  let holderBefore = ''
  const undoAll = async (): Promise<void> => {
    const troubles: string[] = []
    const undoSome = async (some: readonly Injected[]): Promise<void> => {
      for (const each of some.toReversed())
        try {
          await undo(ground, each, scenario)
        } catch (error) {
          troubles.push(`${each.text} could not be undone: ${messageOf(error)}; it ends by itself`)
        }
    }
    const {cold = [], pair = []} = Object.groupBy(injected.splice(0), ({fault}) =>
      fault.on === 'cold' ? 'cold' : 'pair',
    )
    await undoSome(pair)
    // Who stands in carries the traffic until the pair can.
    if (cold.length > 0) await settled(ground, drill.settleSeconds)
    await undoSome(cold)
    said.push(...troubles)
  }
  try {
    const before = await settled(ground, drill.settleSeconds, signal)
    if (before.complaints.length > 0) throw new Stop(`it was not begun: ${before.complaints.join('; ')}`)
    holderBefore = before.holders[0] ?? ''
    probes = await startProbes(ground, withNode)
    const fromMs = ground.now()
    await pause(drill.beforeSeconds, signal)
    stopIf(signal)
    const begun: {startMs: number; endMs: number} = {startMs: 0, endMs: 0}
    const texts: string[] = []
    let holder = holderBefore
    for (const fault of scenario.faults) {
      if (fault.wait) {
        await pause(scenario.holdSeconds, signal)
        await undoAll()
        const again = await settled(ground, drill.settleSeconds, signal)
        stopIf(signal)
        if (again.complaints.length > 0)
          throw new Stop(`the pair was not well in between: ${again.complaints.join('; ')}`)
        holder = again.holders[0] ?? holder
      }
      begun.startMs ||= ground.now()
      for (const host of subjectsOf(fault, drill, holder)) {
        // Before it is there: an injection that fails half way is undone as well.
        const attempt: Injected = {host, fault, text: scenario.title}
        injected.push(attempt)
        const done = await inject(ground, fault, host, scenario)
        injected[injected.indexOf(attempt)] = done
        texts.push(done.text)
        phase(done.text)
      }
      begun.endMs ||= ground.now()
    }
    await pause(scenario.holdSeconds, signal)
    const there = drill.hosts.filter(host => !injected.some(each => each.host === host && isAway(each.fault)))
    const during = await pairNow(ground, there)
    stopIf(signal)
    const healMs = ground.now()
    await undoAll()
    phase('removed; waiting until the pair is well')
    const after = await settled(ground, drill.settleSeconds, signal)
    await pause(drill.afterSeconds, signal)
    stopIf(signal)
    const endMs = ground.now() - countedBeforeMs
    const paths = await probes.count(fromMs, endMs)
    for (const host of drill.hosts) await ground.lockAgain(host)
    const {events, clockMs} = await readEvents(ground, fromMs)
    const counted = paths.filter(({name}) => scenario.paths.includes(name))
    const faultMs = effectMs(begun, counted, events)
    const seen = {
      faultMs,
      healMs,
      holderBefore,
      holdersDuring: during.holders,
      paths,
      events,
      kinds: new Set(drill.hosts.flatMap(host => ground.eventsOf(host)).map(({kind}) => kind)),
      complaints: after.complaints,
      settleSeconds: drill.settleSeconds,
    }
    const because = [...said, ...judge(scenario, seen)]
    return {
      clockMs: Math.max(clockMs, probes.uncertainMs),
      isStuck: after.complaints.length > 0,
      result: {
        ...headOf(scenario, startMs),
        verdict: because.length === 0 ? 'passed' : 'failed',
        because,
        goalMissed: isGoalMissed(scenario, paths),
        faults: texts,
        startMs: fromMs,
        faultMs,
        healMs,
        endMs,
        holderBefore,
        holderDuring: during.holders.join(' and '),
        holderAfter: after.holders.join(' and '),
        ...phasesOf(faultMs, healMs, counted, events),
        paths,
        events,
      },
    }
  } catch (error) {
    await undoAll()
    const verdict = signal.aborted ? 'not run' : 'failed'
    said.unshift(signal.aborted ? 'interrupted; what was broken is whole again' : messageOf(error))
    const after = await settled(ground, drill.settleSeconds)
    return {
      clockMs: 0,
      isStuck: after.complaints.length > 0,
      result: {...headOf(scenario, startMs), verdict, because: said, holderBefore, endMs: ground.now()},
    }
  } finally {
    probes?.stop()
  }
}

/** The last of what was sent before counting began is still on its way. */
const countedBeforeMs = 100

const headOf = (scenario: Scenario, startMs: number): ScenarioResult => ({
  id: scenario.id,
  title: scenario.title,
  breaks: scenario.breaks,
  verdict: 'not run',
  because: [],
  counted: scenario.paths,
  budgetMs: scenario.outageSeconds * 1000,
  ...(scenario.goalSeconds !== undefined && {goalMs: scenario.goalSeconds * 1000}),
  goalMissed: false,
  faults: [],
  startMs,
  faultMs: startMs,
  healMs: startMs,
  endMs: startMs,
  holderBefore: '',
  holderDuring: '',
  holderAfter: '',
  paths: [],
  events: [],
})

/** What a scenario came to that was not played. */
export const notPlayed = (
  scenario: Scenario,
  verdict: 'left out' | 'not run',
  why: string,
  nowMs: number,
): ScenarioResult => ({
  ...headOf(scenario, nowMs),
  verdict,
  because: [why],
})

const isGoalMissed = (scenario: Scenario, paths: readonly PathResult[]): boolean =>
  scenario.goalSeconds !== undefined && worstSilence(scenario, paths).gapMs > scenario.goalSeconds * 1000

const pause = async (seconds: number, signal: AbortSignal): Promise<void> => {
  await sleep(seconds * 1000, undefined, {signal}).catch(() => undefined)
}

const stopIf = (signal: AbortSignal): void => {
  if (signal.aborted) throw new Stop('interrupted')
}

/** What the gateways have written down since, on our clock. */
const readEvents = async (
  ground: DrillGround,
  sinceMs: number,
): Promise<{events: readonly ProtocolEvent[]; clockMs: number}> => {
  const found = await Promise.all(
    ground.drill.hosts.map(async host => {
      const clock = await compareClocks(
        ground.now,
        async () => Number((await ground.ask(host, 'date +%s%N')).stdout) / 1e6,
      )
      const sources = ground.eventsOf(host)
      const {stdout} = await ground.ask(host, journalScript(sources, sinceMs + clock.offsetMs), 20_000)
      return {events: eventsIn(stdout, host, sources, clock.offsetMs), clockMs: clock.uncertainMs}
    }),
  )
  return {
    events: found.flatMap(({events}) => events).toSorted((a, b) => a.atMs - b.atMs),
    clockMs: Math.max(0, ...found.map(({clockMs}) => clockMs)),
  }
}
