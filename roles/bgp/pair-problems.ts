import type {RoleProblem} from 'gatewright'
import {type BgpContext, type BgpVars, sessionsOf} from './sessions.ts'

/** Set once for both gateways, or the second one would do something else when it takes over. */
const equal = [
  'asn',
  'networks',
  'allocations',
  'bogons',
  'follow',
  'standby',
  'standby_prepend',
  'ibgp',
  'ibgp_bfd',
  'keepalive',
  'hold',
  'bfd_profiles',
] as const

/** The two gateways of a pair agree, and the session between them is there on both ends. */
export const pairProblems = (context: BgpContext): RoleProblem[] =>
  context.peers.flatMap(peer => [...unequal(context, peer), ...ibgpProblems(context, peer)])

type Peer = BgpContext['peers'][number]

const unequal = ({vars}: BgpContext, peer: Peer): RoleProblem[] => [
  ...equal
    .filter(variable => JSON.stringify(vars[variable]) !== JSON.stringify(peer.vars[variable]))
    .map(variable => ({
      rule: 'bgp-pair',
      variable,
      what: `${shown(vars, variable)} here, ${shown(peer.vars, variable)} on ${peer.name}: both gateways of a pair need the same`,
      fix: 'set it once, in the group of the pair',
      also: {host: peer.name},
    })),
  ...(vars.ibgp && vars.ibgp_password?.reveal() !== peer.vars.ibgp_password?.reveal()
    ? [
        {
          rule: 'bgp-pair',
          variable: 'ibgp_password',
          what: `is not that of ${peer.name}: their session would never come up`,
          fix: 'set it once, in the group of the pair',
          also: {host: peer.name},
        },
      ]
    : []),
]

const shown = (vars: BgpVars, variable: (typeof equal)[number]): string => JSON.stringify(vars[variable]) ?? 'nothing'

const ibgpProblems = ({vars, host, peers}: BgpContext, peer: Peer): RoleProblem[] => {
  if (!vars.ibgp || !peer.vars.ibgp) return []
  const derived = sessionsOf({...vars, neighbors: []}, host, peers)
  if (vars.ibgp_link === peer.vars.ibgp_link && derived.length > 0) return []
  return [
    {
      rule: 'bgp-ibgp',
      variable: 'ibgp_link',
      what: `${host.name} and ${peer.name} have no subnet in common on ${vars.ibgp_link}, so no session between them`,
      fix: 'name the link that connects them, or set bgp_ibgp: false',
      also: {host: peer.name},
    },
  ]
}
