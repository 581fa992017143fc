import {type Watched, watchesOf} from '../watched.ts'
import {type Group, orZero, placeOf, type Rule, series} from './rule.ts'

/** BGP and BFD, session by session, so that one which is missing altogether is seen too. */
export const routing = (hosts: readonly Watched[]): Group => ({
  name: 'routing',
  rules: hosts.flatMap(host =>
    watchesOf(host, 'bgp').flatMap(({name: peer, bfd}) => [
      ...sessionRules(host, peer),
      ...(bfd === true ? [bfdDown(host, peer)] : []),
    ]),
  ),
})

const sessionRules = (host: Watched, peer: string): readonly Rule[] => {
  const labels = {...placeOf(host), peer}
  const of = (metric: string, label = 'peer'): string => series(metric, {host: host.name, [label]: peer})
  const received = of('frr_bgp_peer_prefixes_received_count_total')
  return [
    {
      alert: 'BgpDown',
      // frr_bgp_peer_state: 1 established, 0 down, 2 shut down by an administrator.
      expr: `${orZero(of('frr_bgp_peer_state'))} != 1`,
      forSeconds: 20,
      severity: 'critical',
      summary: `${host.name} has no BGP session with ${peer}`,
      action: `vtysh -c 'show bgp neighbors ${peer}' on ${host.name}`,
      labels,
    },
    {
      alert: 'PrefixesDropped',
      expr: `max(${received}) < 0.5 * max(${received} offset 1h)`,
      forSeconds: 60,
      severity: 'warning',
      summary: `${host.name} has less than half of the prefixes from ${peer} that it had an hour ago`,
      action: 'ask the neighbour; look at the route maps and prefix lists of the session',
      labels,
    },
    {
      alert: 'PolicyMissing',
      expr: `max(${of('gatewright_bgp_policy', 'name')}) == 0`,
      forSeconds: 60,
      severity: 'critical',
      summary: `The session of ${host.name} with ${peer} lacks a route map: nothing is exchanged (RFC 8212)`,
      action: 'gatewright play playbooks/site.yml puts it back',
      labels,
    },
  ]
}

const bfdDown = (host: Watched, peer: string): Rule => ({
  alert: 'BfdDown',
  expr: `${orZero(series('frr_bfd_peer_state', {host: host.name, peer}))} != 1`,
  forSeconds: 20,
  severity: 'warning',
  summary: `BFD of ${host.name} does not see ${peer}: a silent line would be noticed late`,
  action: `vtysh -c 'show bfd peers' on ${host.name}; is UDP 3784 or 4784 let through?`,
  labels: {...placeOf(host), peer},
})
