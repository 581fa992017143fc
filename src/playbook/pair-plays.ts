import type {AuditResult} from '../audit/model.ts'
import {HostFailure} from '../executor/host-failure.ts'
import {type Planned, playAudit} from './audit-play.ts'
import {diagnosePair} from './diagnose-play.ts'
import type {playDrill} from './drill-play.ts'
import {attempt, fail, notStarted} from './host-attempt.ts'
import type {Play} from './model.ts'
import type {RunContext} from './run-context.ts'

/** The drills of a play, one pair after the other, each when both of its gateways were asked. */
export const applyDrills = async (play: Play, context: RunContext, work: typeof playDrill): Promise<void> => {
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
export const auditPlays = async (context: RunContext): Promise<readonly AuditResult[]> => {
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
export const applyDiagnoses = async (play: Play, context: RunContext): Promise<void> => {
  if (!play.diagnoses) return
  await Promise.all(play.hosts.map(async host => context.planned.get(host)))
  for (const call of play.diagnoses)
    for (const [host, failure] of diagnosePair(call, {...context, factsOf: name => context.gathering.factsOf(name)})) {
      const state = context.states.get(host)
      if (state) state.failure ??= failure
    }
}
