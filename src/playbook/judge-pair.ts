import {formatDiagnostic, InvalidInput} from '../diagnostic.ts'
import type {Emit} from '../events.ts'
import {HostFailure} from '../executor/host-failure.ts'
import type {Gathering} from './gathering.ts'
import type {Fleet} from './model.ts'

/** What was found on the hosts of a pair has to fit together; else none of them is changed. Throws. */
export const judgePair = (host: string, fleet: Fleet, gathering: Gathering, emit: Emit): void => {
  const judge = (name: string) => fleet.liveProblems(name, other => gathering.factsOf(other))
  const peers = gathering.health.peersOf(host)
  // Nobody else speaks for a peer that no play names.
  const own = [host, ...peers.filter(peer => !gathering.has(peer))].map(judge)
  for (const {host: about, ...advice} of own.flatMap(each => each.advice))
    emit({
      event: 'warning',
      host,
      message: formatDiagnostic({...advice, ...(about !== undefined && about !== host && {host: about})}),
    })
  const problems = own.flatMap(each => each.problems)
  if (problems.length > 0) throw new InvalidInput(problems)
  const refused = peers.find(peer => judge(peer).problems.length > 0)
  if (refused !== undefined)
    throw new HostFailure('refused', `its pair is refused, for what was found on ${refused}`, {
      next: 'nothing was changed on this host',
    })
}
