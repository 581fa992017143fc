import type {Asked} from '../diagnose/judge.ts'
import type {Fact} from '../facts/fact.ts'
import type {Offer} from '../offer.ts'
import type {Facts, Fleet, Play} from './model.ts'
import type {RoleCalls} from './role-calls.ts'
import {roleFacts} from './role-facts.ts'

type Application = ReturnType<RoleCalls['applications']>[number]
type Named = Readonly<Record<string, Fact<unknown>>>

/** What roles ask for diagnoses, where a play has one, and their steps over what was found. */
export const observing = (
  plays: readonly Play[],
  calls: RoleCalls,
  offersOf: (host: string) => readonly Offer[],
): Pick<Fleet, 'observations' | 'diagnose'> => {
  if (!plays.some(({diagnoses}) => diagnoses)) return {observations: new Map(), diagnose: () => []}
  const applications = calls.applications().filter(({role}) => role.diagnosis.steps.length > 0)
  const asked = new Map(applications.map(each => [each, observed(each)]))
  const byHost = Map.groupBy(applications, ({context}) => context.host.name)
  const found = (application: Application, factsOf: (host: string) => Facts | undefined): Facts | undefined => {
    const facts = factsOf(application.context.host.name)
    return facts && roleFacts({facts: asked.get(application) ?? {}}, facts)
  }
  return {
    observations: new Map(
      [...byHost].map(([host, some]) => [host, some.flatMap(each => Object.values(asked.get(each) ?? {}))]),
    ),
    diagnose: (hosts, factsOf) =>
      hosts.flatMap(host =>
        (byHost.get(host) ?? []).flatMap((application): readonly Asked[] => {
          const {role, context} = application
          const facts = found(application, factsOf)
          if (!facts) return []
          const peers = context.peers.flatMap(peer => {
            const other = applications.find(
              each => each.role.name === role.name && each.context.host.name === peer.name,
            )
            const theirs = other && found(other, factsOf)
            return theirs ? [{...peer, facts: theirs}] : []
          })
          const {vars, host: self, peers: members} = context
          const whole = {vars, host: self, facts, offers: offersOf(host), peers, members}
          return role.diagnosis.steps.map(({id, flows, stage, asks, unless, look}) => ({
            id,
            flows,
            stage,
            asks,
            ...(unless && {unless}),
            host,
            look: () => look(whole),
          }))
        }),
      ),
  }
}

/** The facts of the role, and what it asks besides. */
const observed = ({role, context}: Application): Named => ({
  ...(role.facts as Named),
  ...(role.diagnosis.observe(context) as Named),
})
