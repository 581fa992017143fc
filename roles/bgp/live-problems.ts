import {
  answers,
  type LiveContext,
  type LiveProblem,
  type OfferContext,
  type SeenAddress,
  type SocketFact,
} from 'gatewright'
import {canonical} from './prefix.ts'
import {type BgpVars, sessionsOf} from './sessions.ts'

type Device = {readonly up: boolean; readonly carrier: boolean}
type Facts = {
  readonly links: Readonly<Record<string, Device>>
  readonly frr: {readonly installed?: string; readonly candidate?: string}
  readonly sockets: readonly SocketFact[]
  readonly neighbours: readonly SeenAddress[]
}
type Context = LiveContext<BgpVars, Facts>

/** Neighbors of the segment: one that is many hops away is asked for by nobody. */
const adjacent = ({vars, host}: Pick<OfferContext<BgpVars>, 'vars' | 'host'>) =>
  sessionsOf(vars, host, []).filter(({multihop, shutdown}) => multihop === undefined && !shutdown)

export const liveFacts = (context: OfferContext<BgpVars>) => ({
  neighbours: answers(
    'which BGP neighbors answer',
    adjacent(context).flatMap(({address, link}) => {
      const device = context.host.links[link]?.device
      return device === undefined ? [] : [{device, address}]
    }),
  ),
})

/** The rules over what was found on both gateways. */
export const liveProblems = (context: Context): readonly LiveProblem[] => [
  ...versions(context),
  ...ports(context),
  ...silence(context),
]

/** Routers of all versions speak BGP with each other; what they do of their own accord differs. */
const versions = ({host, facts, peers}: Context): LiveProblem[] =>
  peers
    .filter(({name}) => host.name < name)
    .flatMap((peer): LiveProblem[] => {
      const [here, there] = [facts.frr, peer.facts.frr].map(({installed, candidate}) => installed ?? candidate)
      if (here === undefined || there === undefined || here === there) return []
      return [
        {
          rule: 'bgp-versions',
          variable: 'router_id',
          what: `frr ${here} here and ${there} on ${peer.name}: a pair runs one version`,
          fix: 'upgrade frr on the older one while the other one is healthy',
          also: {host: peer.name},
          isAdvice: true,
        },
      ]
    })

/** RFC 4271 and, of BFD, RFC 5881 and 5883. keepalived's own BFD and another routing daemon open the same. */
const daemons = [
  {protocol: 'tcp', port: 179, daemon: 'bgpd'},
  {protocol: 'udp', port: 3784, daemon: 'bfdd'},
  {protocol: 'udp', port: 4784, daemon: 'bfdd'},
] as const

const ports = ({facts}: Context): LiveProblem[] =>
  daemons.flatMap(({protocol, port, daemon}) =>
    facts.sockets
      .filter(each => each.protocol === protocol && each.port === port)
      .filter(({process}) => process !== undefined && process !== daemon)
      .slice(0, 1)
      .map(({process}) => ({
        rule: 'bgp-port-taken',
        variable: 'asn',
        what: `the ${protocol} port ${port} of ${daemon} is held by ${process}`,
        fix: `stop ${process} and disable its unit: two cannot have it`,
      })),
  )

/** Nothing but a wrong cable, a wrong VLAN or a router that is off keeps it from answering. */
const silence = (context: Context): LiveProblem[] => {
  const {host, facts} = context
  return adjacent(context).flatMap(({address, link, description}): LiveProblem[] => {
    const device = host.links[link]?.device ?? ''
    const state = facts.links[device]
    const isSilent = facts.neighbours.some(
      seen => seen.is === 'silent' && seen.device === device && canonical(seen.address) === address,
    )
    if (!isSilent || !state?.up || !state.carrier) return []
    return [
      {
        rule: 'bgp-neighbor-silent',
        variable: 'neighbors',
        what: `nobody answers for ${address} (${description}) on ${link}`,
        fix: 'look at the segment (VLAN) of that link, the address, and whether that router is up',
        isAdvice: true,
      },
    ]
  })
}
