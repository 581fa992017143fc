import {judge} from '../diagnose/judge.ts'
import type {Emit} from '../events.ts'
import {HostFailure} from '../executor/host-failure.ts'
import type {DiagnosisCall, Facts, Fleet} from './model.ts'

type Context = {
  readonly fleet: Fleet
  readonly emit: Emit
  readonly factsOf: (host: string) => Facts | undefined
}

/** Goes down each tree for a pair and tells every step. Gives the most likely cause of each complaint, as a failure of its host. */
export const diagnosePair = (
  {pair, hosts, flows}: DiagnosisCall,
  {fleet, emit, factsOf}: Context,
): ReadonlyMap<string, HostFailure> => {
  const silent = hosts.filter(host => !factsOf(host))
  const asked = fleet.diagnose(hosts, factsOf)
  const verdicts = flows.map(flow => judge(flow, asked))
  for (const {flow, steps, causes} of verdicts) {
    emit({event: 'diagnosis-start', pair, flow, hosts})
    for (const step of steps) emit({event: 'diagnosis-step', pair, flow, ...step})
    emit({event: 'diagnosis-end', pair, flow, asked: steps.length, silent, causes})
  }
  const failures = new Map<string, HostFailure>()
  for (const {causes} of verdicts) {
    const [cause] = causes
    if (cause && !failures.has(cause.host))
      failures.set(
        cause.host,
        new HostFailure('failed', `${cause.saw}: ${cause.means}`, {id: cause.id, next: cause.repair}),
      )
  }
  return failures
}
