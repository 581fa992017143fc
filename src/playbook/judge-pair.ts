import {InvalidInput} from '../diagnostic.ts'
import {HostFailure} from '../executor/host-failure.ts'
import type {Gathering} from './gathering.ts'
import type {Fleet} from './model.ts'

/** What was found on the hosts of a pair has to fit together; else none of them is changed. Throws. */
export const judgePair = (host: string, fleet: Fleet, gathering: Gathering): void => {
  const problemsOf = (name: string) => fleet.liveProblems(name, other => gathering.factsOf(other))
  const peers = gathering.health.peersOf(host)
  // Nobody else speaks for a peer that no play names.
  const own = [host, ...peers.filter(peer => !gathering.has(peer))].flatMap(problemsOf)
  if (own.length > 0) throw new InvalidInput(own)
  const refused = peers.find(peer => problemsOf(peer).length > 0)
  if (refused !== undefined)
    throw new HostFailure('refused', `its pair is refused, for what was found on ${refused}`, {
      next: 'nothing was changed on this host',
    })
}
