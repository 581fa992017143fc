import type {LiveProblem} from 'gatewright'
import {conntrackLinks} from './conntrack-view.ts'
import type {Context} from './found.ts'
import {segmentProblems} from './segment-problems.ts'
import {virtualAddresses} from './segments.ts'
import {strangerProblems} from './stranger-problems.ts'
import {bare, canonical} from './subnet.ts'
import {versionProblems} from './version-problems.ts'

/** The rules over what was found on both gateways and between them. */
export const liveProblems = (context: Context): readonly LiveProblem[] => [
  ...versionProblems(context),
  ...segmentProblems(context),
  ...strangerProblems(context),
  ...wayProblems(context),
  ...portProblems(context),
]

/** `ansible_host` may be a name, or a jump host may lead there: what counts is where the connection has come to. */
const wayProblems = ({vars, host, facts}: Context): LiveProblem[] => {
  const {server} = facts.session
  const virtual = virtualAddresses(vars).find(
    ({address}) => server !== undefined && canonical(address) === canonical(server),
  )
  return virtual === undefined
    ? []
    : [
        {
          rule: 'vrrp-managed-by-virtual-address',
          variable: virtual.variable,
          what: `you are connected to ${bare(virtual.address)}, a virtual address: a take-over would cut the connection that makes it`,
          fix: `set ansible_host of ${host.name} to an address that the host keeps`,
        },
      ]
}

/** conntrackd would not start, and the states of connections stay where they are. */
const portProblems = ({vars, facts}: Context): LiveProblem[] =>
  (vars.conntrack ? conntrackLinks(vars) : []).flatMap((_, index) =>
    facts.sockets
      .filter(({protocol, port}) => protocol === 'udp' && port === vars.conntrack_port + index)
      .filter(({process}) => process !== undefined && process !== 'conntrackd')
      .map(({address, port, process}) => ({
        rule: 'vrrp-port-taken',
        variable: 'conntrack_port',
        what: `the udp port ${port} of conntrackd is held by ${process} (${address})`,
        fix: 'set vrrp_conntrack_port to another on both gateways, or move that service',
      })),
  )
