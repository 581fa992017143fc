import {claim, flow, type Offer, type OfferContext, sysctlOffer} from 'gatewright'
import {conntrackLinks} from './conntrack-view.ts'
import {watched} from './metrics.ts'
import {virtualAddresses} from './segments.ts'
import {familyOf, networkOf} from './subnet.ts'
import {advertLinks, type VrrpVars} from './view.ts'

type Context = OfferContext<VrrpVars>
type Sysctl = {readonly key: string; readonly value: number; readonly reason: string}

/** ip_forward first: the kernel resets other parameters when it changes (ip-sysctl.rst). */
export const sysctls = (vars: Pick<VrrpVars, 'conntrack' | 'conntrack_max'>): readonly Sysctl[] => [
  {key: 'net.ipv4.ip_forward', value: 1, reason: 'a gateway forwards'},
  {key: 'net.ipv6.conf.all.forwarding', value: 1, reason: 'a gateway forwards'},
  {key: 'net.ipv4.conf.all.arp_ignore', value: 1, reason: 'ARP is answered only on the interface that has the address'},
  {key: 'net.ipv4.conf.all.arp_announce', value: 2, reason: 'only addresses of the outgoing interface are announced'},
  {
    key: 'net.ipv4.ip_nonlocal_bind',
    value: 1,
    reason: 'a service may listen on the virtual address while the peer has it',
  },
  {
    key: 'net.ipv6.ip_nonlocal_bind',
    value: 1,
    reason: 'a service may listen on the virtual address while the peer has it',
  },
  {
    key: 'net.ipv4.conf.all.promote_secondaries',
    value: 1,
    reason: 'an address that goes takes no others of its subnet with it',
  },
  ...(vars.conntrack
    ? [
        {
          key: 'net.netfilter.nf_conntrack_max',
          value: vars.conntrack_max,
          reason: 'conntrackd has room for twice as many',
        },
        {
          key: 'net.netfilter.nf_conntrack_tcp_be_liberal',
          value: 1,
          reason:
            'answers may come by the other gateway: this one sees half of a session, and must not find the other half invalid',
        },
      ]
    : []),
]

/** What other roles of this host need to know: the packets of keepalived and conntrackd, sysctls, and the VRIDs. */
export const offers = (context: Context): readonly Offer[] => [
  ...vrrpFlows(context),
  ...(context.vars.conntrack ? [...conntrackFlows(context), ...conntrackPorts(context)] : []),
  ...sysctls(context.vars).map(({key, value, reason}) => sysctlOffer(key, value, reason)),
  ...vrids(context),
  ...movingAddresses(context),
  watched(context.vars),
]

const links = (vars: VrrpVars): readonly string[] => [
  ...new Set([...advertLinks(vars), ...vars.instances.map(({link}) => link)]),
]

const peerAddresses = ({peers}: Context, link: string): string[] =>
  peers.flatMap(peer => (peer.links[link]?.addresses ?? []).map(address => address.replace(/\/.*/, '')))

/** IPv6 advertisements come from link-local addresses (RFC 5798 5.1.2.1). */
const vrrpFlows = (context: Context): Offer[] =>
  links(context.vars).map(link => {
    const from = peerAddresses(context, link)
    const six = context.host.links[link]?.addresses.some(address => familyOf(address) === 6)
    return flow({
      protocol: 'vrrp',
      from: six ? [...from, 'fe80::/10'] : from,
      link,
      purpose: 'VRRP advertisements',
      isMutual: true,
    })
  })

const conntrackFlows = (context: Context): Offer[] =>
  conntrackLinks(context.vars).map((link, index) =>
    flow({
      protocol: 'udp',
      port: context.vars.conntrack_port + index,
      from: peerAddresses(context, link),
      link,
      purpose: 'conntrackd',
      isMutual: true,
    }),
  )

const conntrackPorts = ({vars, host}: Context): Offer[] =>
  conntrackLinks(vars).map((_, index) =>
    claim({
      what: 'udp port',
      value: String(vars.conntrack_port + index),
      within: `host ${host.name}`,
      owner: 'conntrackd',
      variable: 'conntrack_port',
    }),
  )

/** They move between the gateways: no machine at the site has one of them for its own, and the engine goes by none. */
const movingAddresses = ({vars, host}: Context): Offer[] =>
  virtualAddresses(vars).map(({address, variable}) =>
    claim({
      what: 'virtual address',
      value: address,
      within: `site ${host.site ?? 'without name'}`,
      owner: `pair ${host.pair ?? host.name}`,
      variable,
    }),
  )

const vrids = ({vars, host}: Context): Offer[] => {
  const claims = (link: string, id: number, variable: string): Offer[] =>
    (host.links[link]?.addresses ?? []).map(address =>
      claim({
        what: 'vrid',
        value: `${id} (IPv${familyOf(address)})`,
        within: `segment ${networkOf(address)}`,
        owner: `pair ${host.pair ?? host.name}, ${variable}`,
        variable,
      }),
    )
  return [
    ...advertLinks(vars).flatMap(link => claims(link, vars.router_id, 'router_id')),
    ...vars.instances.flatMap(({link, router_id}) => claims(link, router_id, 'instances')),
  ]
}
