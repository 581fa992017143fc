import {announceMap, exportMap, importMap, type PrefixList, ranks} from '../policy.ts'
import type {Session} from '../sessions.ts'
import type {BgpView} from '../view.ts'

const lines = (...all: readonly (string | readonly string[])[]): string => `${all.flat().join('\n')}\n`
const ip = {4: 'ip', 6: 'ipv6'} as const

/**
 * /etc/frr/frr.conf, frr 8.4.4: every line as `show running-config` prints it, because frr-reload.py compares texts, and a
 * default that is written down resets its session on each reload. Holds passwords.
 */
export const frrConf = (view: BgpView): string =>
  lines(
    `frr version ${view.version}`,
    'frr defaults traditional',
    `hostname ${view.hostname}`,
    'log syslog informational',
    'service integrated-vtysh-config',
    '!',
    `router bgp ${view.asn}`,
    ` bgp router-id ${view.routerId}`,
    ' bgp log-neighbor-changes',
    ' no bgp default ipv4-unicast',
    view.sessions.flatMap(session => neighbor(view, session)),
    view.families.flatMap(family => addressFamily(view, family)),
    'exit',
    '!',
    view.families.flatMap(({family}) => [
      ...view.prefixLists.filter(list => list.family === family).flatMap(prefixList),
      '!',
    ]),
    'bgp as-path access-list too-long seq 5 permit ^([0-9]+ ){50}',
    '!',
    [...ranks, {name: 'drained-by-neighbor', community: 'graceful-shutdown'}]
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map(({name, community}) => `bgp community-list standard ${name} seq 5 permit ${community}`),
    '!',
    view.clauses.flatMap(({map, action, seq, match, set}) => [
      `route-map ${map} ${action} ${seq}`,
      ...match.map(one => ` match ${one}`),
      ...set.map(one => ` set ${one}`),
      'exit',
      '!',
    ]),
    'route-map network permit 10',
    'exit',
    '!',
    view.extra,
    'bfd',
    view.bfdProfiles.flatMap(({name, interval, multiplier}) => [
      ` profile ${name}`,
      ...(multiplier === 3 ? [] : [`  detect-multiplier ${multiplier}`]),
      ...(interval === 300 ? [] : [`  transmit-interval ${interval}`, `  receive-interval ${interval}`]),
      ' exit',
      ' !',
    ]),
    'exit',
    '!',
    'end',
  )

const prefixList = ({family, name, permits}: PrefixList): readonly string[] =>
  permits.map((permit, index) => `${ip[family]} prefix-list ${name} seq ${5 * (index + 1)} permit ${permit}`)

const neighbor = (view: BgpView, session: Session): readonly string[] => {
  const {address, asn, description, bfd, password, gtsm, multihop, from, shutdown} = session
  return [
    `remote-as ${asn}`,
    `description ${description}`,
    ...(bfd === undefined ? [] : ['bfd', `bfd profile ${bfd}`]),
    ...(password === undefined ? [] : [`password ${password.reveal()}`]),
    ...(shutdown ? ['shutdown'] : []),
    ...(multihop === undefined ? [] : [`ebgp-multihop ${multihop}`]),
    ...(gtsm ? ['ttl-security hops 1'] : []),
    ...(from === undefined ? [] : [`update-source ${from}`]),
    `timers ${view.keepalive} ${view.hold}`,
    `timers connect ${view.connectRetry}`,
  ].map(line => ` neighbor ${address} ${line}`)
}

const addressFamily = (view: BgpView, {family, networks, sessions}: BgpView['families'][number]): readonly string[] => [
  ' !',
  ` address-family ipv${family} unicast`,
  ...networks.map(network => `  aggregate-address ${network} as-set route-map network`),
  ...(networks.length > 0 ? [`  redistribute kernel route-map ${announceMap(family)}`] : []),
  ...sessions.flatMap(session =>
    [
      'activate',
      ...(session.isInternal ? ['next-hop-self'] : []),
      ...(session.softInbound ? ['soft-reconfiguration inbound'] : []),
      `maximum-prefix ${session.maxPrefix} 80 restart ${view.maxPrefixRestart}`,
      `route-map ${importMap(session)} in`,
      `route-map ${exportMap(session)} out`,
    ].map(line => `  neighbor ${session.address} ${line}`),
  ),
  ' exit-address-family',
]
