import {overlaps, type Peer, type RoleProblem} from 'gatewright'
import {canonical} from './prefix.ts'
import {type BgpContext, type BgpVars, type Neighbor, withoutLength} from './sessions.ts'

type Far = Peer<BgpVars>

/** Where a neighbor is a gateway of this inventory, both ends are known: they have to say the same. */
export const farEndProblems = (context: BgpContext): RoleProblem[] => {
  const gateways: readonly Far[] = [...context.peers, ...context.others]
  return context.vars.neighbors.flatMap(neighbor => {
    const far = gateways.find(each => addressesOf(each).has(canonical(neighbor.address)))
    return far === undefined || neighbor.shutdown ? [] : sessionProblems(neighbor, context, far)
  })
}

const addressesOf = ({links}: Pick<Far, 'links'>): ReadonlySet<string> =>
  new Set(Object.values(links).flatMap(({addresses}) => addresses.map(address => canonical(withoutLength(address)))))

const sessionProblems = (neighbor: Neighbor, {vars, host}: BgpContext, far: Far): RoleProblem[] => {
  const wrong = (what: string, fix: string): RoleProblem => ({
    rule: 'bgp-far-end',
    variable: 'neighbors',
    what: `${neighbor.address} is ${far.name}, ${what}`,
    fix,
    also: {host: far.name},
  })
  if (neighbor.asn !== far.vars.asn)
    return [wrong(`whose AS is ${far.vars.asn} and not ${neighbor.asn}`, `correct the AS, or bgp_asn of ${far.name}`)]
  const own = addressesOf(host)
  // That it is missing there is told by `flow-one-way`.
  const theirs = far.vars.neighbors.find(({address}) => own.has(canonical(address)))
  if (theirs === undefined) return []
  return [
    ...(theirs.asn === vars.asn ? [] : [wrong(`which takes us for AS ${theirs.asn}`, 'correct one of the two')]),
    ...(neighbor.password?.reveal() === theirs.password?.reveal()
      ? []
      : [wrong('which has another password for it', 'set the same at both ends')]),
    ...(isByHops(neighbor) === isByHops(theirs)
      ? []
      : [wrong('where GTSM or multihop are otherwise: packets would have the wrong TTL', 'set the same at both ends')]),
    ...(timingOf(neighbor, vars) === timingOf(theirs, far.vars)
      ? []
      : [
          wrong(
            `with BFD ${timingOf(theirs, far.vars)} there and ${timingOf(neighbor, vars)} here`,
            'name a BFD profile of the same times at both ends',
          ),
        ]),
  ]
}

/** Which TTL is sent and asked for. */
const isByHops = ({gtsm, multihop}: Neighbor): string => (multihop === undefined && gtsm ? 'gtsm' : `${multihop}`)

const timingOf = ({bfd}: Neighbor, {bfd_profiles}: BgpVars): string => {
  const profile = bfd === false ? undefined : bfd_profiles[bfd]
  return profile === undefined ? 'off' : `${profile.interval} ms x ${profile.multiplier}`
}

/** What is announced is ours: no network of a gateway of another pair lies in it. */
export const foreignProblems = ({vars, others}: BgpContext): RoleProblem[] =>
  vars.networks.flatMap(network =>
    others.flatMap(other =>
      Object.entries(other.links).flatMap(([link, {addresses}]) =>
        addresses
          .filter(address => overlaps(address, network))
          .slice(0, 1)
          .map(address => ({
            rule: 'bgp-foreign-network',
            variable: 'networks',
            what: `${network} holds ${address} of ${other.name} (link ${link}), which is of another pair`,
            fix: 'announce less, or have that pair announce its part',
          })),
      ),
    ),
  )
