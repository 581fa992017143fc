import {HostFailure} from '../executor/host-failure.ts'
import {batchesOf} from './batches.ts'
import {playDrill} from './drill-play.ts'
import {attempt, fail, notStarted} from './host-attempt.ts'
import type {Play} from './model.ts'
import {applyDiagnoses, applyDrills} from './pair-plays.ts'
import type {RunContext} from './run-context.ts'

/**
 * One play. Its batches wait for each other; a play without `serial` begins on each host as soon as that host is planned, so
 * that a host which does not answer keeps nobody but its peers waiting. Of a pair one host is changed at a time.
 */
export const applyPlay = async (play: Play, context: RunContext): Promise<void> => {
  if (play.drills) return applyDrills(play, context, playDrill)
  if (play.diagnoses) return applyDiagnoses(play, context)
  const {fleet, states, emit, planned, gathering} = context
  const isReady = (host: string): boolean => states.get(host)?.failure === undefined
  if (play.anyErrorsFatal && (await isStoppedBy(play, context))) return
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

/** With any_errors_fatal a host that is lost before its first play is as fatal as one that fails in it: nothing more is begun. */
const isStoppedBy = async (play: Play, context: RunContext): Promise<boolean> => {
  const {fleet, states, planned} = context
  await Promise.all(play.hosts.map(async host => planned.get(host)))
  const lost = play.hosts.find(host => {
    const failure = states.get(host)?.failure
    const isItsFirst = fleet.plays.find(({hosts}) => hosts.includes(host)) === play
    return isItsFirst && failure && !failure.began && failure.status !== 'skipped'
  })
  if (lost === undefined) return false
  for (const [host, {failure}] of states)
    if (!failure)
      fail(host, context, new HostFailure('skipped', `${notStarted(lost, context)} and any_errors_fatal is set`))
  return true
}

/** One host of a play: gate, changes, gate. */
const applyHost = async (host: string, play: Play, context: RunContext): Promise<void> => {
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

/** Why the hosts after a batch are not begun. */
const reasonToStop = (
  {serial, maxFailPercentage}: Play,
  batch: readonly string[],
  context: RunContext,
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
