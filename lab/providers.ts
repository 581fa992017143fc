import {isIP} from 'node:net'
import {hostOf, LabUsageError, type Provider, type Topology} from './topology.ts'

/**
 * How a router speaks BGP that plays all providers: with the first AS of the topology file towards the gateways on its first
 * link, with the next one on the second and so on (`local-as`), with an IPv4 and an IPv6 session to every gateway of each link.
 */
export type ProviderOptions = {
  /** Gateways' AS, by host where they differ; that of the topology file unless given. */
  readonly gatewayAs?: number | Readonly<Record<string, number>>
  /** The slower end sets the pace of BFD, so a fast provider leaves the choice to the gateways. */
  readonly bfd?: {readonly intervalMs: number; readonly multiplier: number} | false
  readonly timersSeconds?: {readonly keepalive: number; readonly hold: number}
  /** TCP MD5 (RFC 2385) on every session. */
  readonly password?: string
  /**
   * GTSM (RFC 5082): both ends must have it, or neither. With it FRR 8.4 takes BFD for multihop: UDP 4784 instead of 3784.
   */
  readonly gtsm?: boolean
  /** Further prefixes that the providers announce, with a blackhole behind them: /24s of a full table, or what is wrong. */
  readonly announce?: readonly string[]
}

type Neighbour = {readonly gateway: string; readonly link: string; readonly address: string; readonly localAs: number}

/** Sessions that the router has: every address of a gateway on a link that it shares with it. */
export const neighboursOf = (topology: Topology, host: string): Neighbour[] => {
  const first = providerOf(topology, host).as
  const links = Object.entries(topology.hosts[host]?.links ?? {}).filter(
    ([, {segment}]) => segment !== topology.control.link,
  )
  return links.flatMap(([link, {segment}], index) =>
    Object.entries(topology.hosts)
      .filter(([, {groups}]) => groups.includes('gateways'))
      .flatMap(([gateway, {links: theirs}]) =>
        Object.values(theirs)
          .filter(their => their.segment === segment)
          .flatMap(({addresses}) => addresses)
          .map(address => ({gateway, link, address: address.split('/')[0] ?? '', localAs: first + index})),
      ),
  )
}

const sessionLines = (neighbour: Neighbour, {as, customer}: Provider, options: ProviderOptions): string[] => {
  const {gatewayAs = customer, timersSeconds: {keepalive, hold} = {keepalive: 3, hold: 9}} = options
  const remoteAs = typeof gatewayAs === 'number' ? gatewayAs : gatewayAs[neighbour.gateway]
  if (remoteAs === undefined) throw new Error(`no AS for ${neighbour.gateway}`)
  return [
    `remote-as ${remoteAs}`,
    `description ${neighbour.gateway} on ${neighbour.link}`,
    ...(neighbour.localAs === as ? [] : [`local-as ${neighbour.localAs} no-prepend replace-as`]),
    `timers ${keepalive} ${hold}`,
    'timers connect 2',
    ...(options.gtsm === false ? [] : ['ttl-security hops 1']),
    ...(options.password === undefined ? [] : [`password ${options.password}`]),
    ...(options.bfd === false ? [] : ['bfd', 'bfd profile gateways']),
  ].map(line => ` neighbor ${neighbour.address} ${line}`)
}

/**
 * The whole configuration. Everything that the gateways announce is accepted, so that a leak of theirs is seen here;
 * GRACEFUL_SHUTDOWN is honoured (RFC 8326).
 */
export const providersConf = (topology: Topology, host: string, options: ProviderOptions = {}): string => {
  const provider = providerOf(topology, host)
  const neighbours = neighboursOf(topology, host)
  const {loopback = []} = topology.hosts[host] ?? {}
  const {announce = []} = options
  const {intervalMs, multiplier} = options.bfd || {intervalMs: 100, multiplier: 3}
  const routerId = loopback.map(address => address.split('/')[0] ?? '').find(address => isIP(address) === 4)
  const family = (version: 4 | 6): string[] => {
    const isOurs = (prefix: string): boolean => isIP(prefix.split('/')[0] ?? '') === version
    return [
      ` address-family ipv${version} unicast`,
      '  maximum-paths 1',
      ...[...loopback, ...announce].filter(isOurs).map(prefix => `  network ${prefix}`),
      ...neighbours
        .filter(({address}) => isOurs(address))
        .flatMap(({address}) =>
          [
            'activate',
            'default-originate',
            'soft-reconfiguration inbound',
            'route-map ALL in',
            'route-map ALL out',
          ].map(line => `  neighbor ${address} ${line}`),
        ),
      ' exit-address-family',
    ]
  }
  return `${[
    'frr defaults traditional',
    'log syslog informational',
    ...announce.map(prefix => `${prefix.includes(':') ? 'ipv6' : 'ip'} route ${prefix} blackhole`),
    'bfd',
    ' profile gateways',
    `  detect-multiplier ${multiplier}`,
    `  receive-interval ${intervalMs}`,
    `  transmit-interval ${intervalMs}`,
    'exit',
    'bgp community-list standard GSHUT permit graceful-shutdown',
    'route-map ALL permit 10',
    ' match community GSHUT',
    ' set local-preference 0',
    'exit',
    'route-map ALL permit 20',
    'exit',
    `router bgp ${provider.as}`,
    ` bgp router-id ${routerId}`,
    ' no bgp default ipv4-unicast',
    ...neighbours.flatMap(neighbour => sessionLines(neighbour, provider, options)),
    ...family(4),
    ...family(6),
    'exit',
  ].join('\n')}\n`
}

const providerOf = (topology: Topology, host: string): Provider => {
  const {bgp} = hostOf(topology, host)
  if (!bgp) throw new LabUsageError(`${host} speaks no BGP in ${topology.file}`)
  return bgp
}

/** Debian's file with the daemons that the configuration needs. */
export const frrDaemons = `bgpd=yes
bfdd=yes
vtysh_enable=yes
zebra_options="-A 127.0.0.1"
bgpd_options="-A 127.0.0.1"
bfdd_options="-A 127.0.0.1"
staticd_options="-A 127.0.0.1"
`
