import {claim, flow, type Offer, sysctlOffer, track, transit} from 'gatewright'
import {watched} from './metrics.ts'
import {trackFile} from './places.ts'
import {type BgpContext, type Session, sessionsOf} from './sessions.ts'

/** The kernel parameters of a router, with what hardening would set instead. */
export const sysctls = [
  ['net.ipv4.ip_forward', 1, 'it is a router'],
  ['net.ipv6.conf.all.forwarding', 1, 'it is a router'],
  ['net.ipv4.conf.all.rp_filter', 2, 'packets may come back over another uplink than they left by (RFC 3704, 2.4)'],
] as const

/** RFC 5881 on the segment, RFC 5883 over hops. With GTSM FRR 8.4.4 takes its neighbor for one over hops. */
const bfdPort = ({gtsm, multihop}: Session): number => (gtsm || multihop !== undefined ? 4784 : 3784)

/** Of what is accepted, a list may name the default route, and everything else may hold it. */
const takesDefault = ({accept, acceptList}: Session): boolean =>
  accept !== 'list' || acceptList.some(prefix => prefix.endsWith('/0'))

export const offers = ({vars, host, peers}: BgpContext): readonly Offer[] => {
  const sessions = sessionsOf(vars, host, peers)
  const within = `host ${host.name}`
  const own = (session: Session): readonly string[] => (session.from === undefined ? [] : [session.from])
  const ports = [...new Set(sessions.flatMap(session => (session.bfd === undefined ? [] : [bfdPort(session)])))]
  return [
    ...sessions.flatMap(session => {
      const variable = peers.some(({name}) => name === session.description) ? 'ibgp_link' : 'neighbors'
      const between = {from: [session.address], to: own(session), link: session.link, isMutual: true, variable} as const
      const name = session.description
      return [
        flow({protocol: 'tcp', port: 179, ...between, purpose: `BGP with ${name}`}),
        ...(session.bfd === undefined
          ? []
          : [flow({protocol: 'udp', port: bfdPort(session), ...between, purpose: `BFD with ${name}`})]),
      ]
    }),
    ...(sessions.some(({description}) => peers.some(({name}) => name === description))
      ? [transit(vars.ibgp_link)]
      : []),
    ...sysctls.map(([key, value, reason]) => sysctlOffer(key, value, reason)),
    // bfdd opens both, whatever its sessions are.
    ...(ports.length > 0 ? [3784, 4784] : []).map(port =>
      claim({what: 'udp port', value: String(port), within, owner: 'bfdd of FRR', variable: 'bfd_profiles'}),
    ),
    claim({what: 'tcp port', value: '179', within, owner: 'bgpd of FRR', variable: 'asn'}),
    claim({
      what: 'router-id',
      value: vars.router_id,
      within: `AS ${vars.asn}`,
      owner: host.name,
      variable: 'router_id',
    }),
    ...vars.networks.map(network =>
      claim({
        what: 'prefix',
        value: network,
        within: 'announcements',
        owner: host.pair ?? host.name,
        variable: 'networks',
      }),
    ),
    // Whoever else puts one into the main table would take what BGP has learned out of use.
    ...[...new Set(sessions.filter(takesDefault).map(({family}) => family))].map(family =>
      claim({
        what: 'default route',
        value: `IPv${family}`,
        within: `table main of ${host.name}`,
        owner: 'bgpd of FRR',
        variable: 'neighbors',
      }),
    ),
    // bgp-watch sees the death of bgpd and zebra too: keepalived's own way of tracking processes is closed in containers.
    track({name: 'bgp', file: trackFile, weight: 0, initial: 1}),
    ...watched(sessions),
  ]
}
