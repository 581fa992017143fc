import {isIP} from 'node:net'
import {labExec, type Topology} from '../../lab/index.ts'
import {onHost} from './site.ts'

/**
 * How the providers' router speaks BGP. One FRR plays all of them: 64500 towards the gateways on its first link, 64501 on
 * the second and so on (`local-as`), with an IPv4 and an IPv6 session to every gateway of each link.
 */
export type UpstreamOptions = {
  /** Gateways' AS, by host where they differ. */
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

export const firstProviderAs = 64500
const host = 'upstream'

/** Sessions that the router has: every address of a gateway on a link that it shares with upstream. */
export const neighboursOf = (topology: Topology): Neighbour[] => {
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
          .map(address => ({gateway, link, address: address.split('/')[0] ?? '', localAs: firstProviderAs + index})),
      ),
  )
}

const sessionLines = (neighbour: Neighbour, options: UpstreamOptions): string[] => {
  const {gatewayAs = 65010, timersSeconds: {keepalive, hold} = {keepalive: 3, hold: 9}} = options
  const remoteAs = typeof gatewayAs === 'number' ? gatewayAs : gatewayAs[neighbour.gateway]
  if (remoteAs === undefined) throw new Error(`no AS for ${neighbour.gateway}`)
  return [
    `remote-as ${remoteAs}`,
    `description ${neighbour.gateway} on ${neighbour.link}`,
    ...(neighbour.localAs === firstProviderAs ? [] : [`local-as ${neighbour.localAs} no-prepend replace-as`]),
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
export const upstreamConf = (topology: Topology, options: UpstreamOptions = {}): string => {
  const neighbours = neighboursOf(topology)
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
    `router bgp ${firstProviderAs}`,
    ` bgp router-id ${routerId}`,
    ' no bgp default ipv4-unicast',
    ...neighbours.flatMap(neighbour => sessionLines(neighbour, options)),
    ...family(4),
    ...family(6),
    'exit',
  ].join('\n')}\n`
}

/** Starts the providers' router, or starts it anew with other options. */
export const startUpstream = async (topology: Topology, options: UpstreamOptions = {}): Promise<void> => {
  await onHost(
    topology,
    host,
    `sed -i 's/^\\(bgpd\\|bfdd\\)=no/\\1=yes/' /etc/frr/daemons
cat >/etc/frr/frr.conf <<'END'
${upstreamConf(topology, options)}END
chown frr:frr /etc/frr/frr.conf && systemctl reset-failed frr; systemctl restart frr
until vtysh -c 'show bgp summary' >/dev/null 2>&1; do sleep 0.1; done`,
  )
}

export const stopUpstream = async (topology: Topology): Promise<void> => {
  await onHost(topology, host, 'systemctl stop frr')
}

/** What vtysh says to a command that ends in `json`. */
export const askFrr = async <Answer>(topology: Topology, on: string, command: string): Promise<Answer> =>
  JSON.parse(await onHost(topology, on, `vtysh -c '${command}'`))

type Summary = Record<string, {peers?: Record<string, {state: string}>} | undefined>

/** The state of every session, as `gw1 wan-a 192.0.2.2`: `Established`, or why not (`Idle`, `Active`, ...). */
export const sessionsOf = async (topology: Topology): Promise<Record<string, string>> => {
  const summary = await askFrr<Summary>(topology, host, 'show bgp summary json')
  return Object.fromEntries(
    neighboursOf(topology).map(({gateway, link, address}) => {
      const family = summary[address.includes(':') ? 'ipv6Unicast' : 'ipv4Unicast']
      return [`${gateway} ${link} ${address}`, family?.peers?.[address]?.state ?? 'not configured']
    }),
  )
}

/** Neighbours that BFD sees: BGP comes up without waiting for it, and what BFD has not seen up it cannot see down. */
export const seenByBfd = async (topology: Topology): Promise<string[]> => {
  const peers = await askFrr<{peer: string; status: string}[]>(topology, host, 'show bfd peers json')
  return peers.filter(({status}) => status === 'up').map(({peer}) => peer)
}

export type Path = {
  readonly from: string
  readonly asPath: string
  readonly med: number
  readonly best: boolean
  readonly nextHop: string
}
type Table = {
  routes: Record<
    string,
    {peerId: string; path: string; metric?: number; bestpath?: boolean; nexthops: {ip: string}[]}[]
  >
}

/** What the gateways announce at this moment: prefix -> the paths to it. The providers' own prefixes are left out. */
export const pathsAtUpstream = async (topology: Topology): Promise<Record<string, Path[]>> => {
  const tables = [4, 6].map(version => askFrr<Table>(topology, host, `show bgp ipv${version} unicast json`))
  const all: Record<string, Path[]> = {}
  for (const {routes} of await Promise.all(tables))
    for (const [prefix, paths] of Object.entries(routes)) {
      const theirs = paths.filter(({peerId}) => isIP(peerId) && peerId !== '0.0.0.0' && peerId !== '::')
      if (theirs.length > 0)
        all[prefix] = theirs.map(({peerId, path, metric = 0, bestpath = false, nexthops}) => ({
          from: peerId,
          asPath: path,
          med: metric,
          best: bestpath,
          nextHop: nexthops[0]?.ip ?? '',
        }))
    }
  return all
}

/** Where upstream's kernel sends a packet for an address; undefined where it has no route. */
export const routeAtUpstream = async (
  topology: Topology,
  address: string,
): Promise<{readonly device: string; readonly via: string | undefined} | undefined> => {
  const {stdout} = await labExec(topology, host, ['ip', '-json', 'route', 'get', address])
  if (stdout === '') return undefined
  const [route] = JSON.parse(stdout) as [{dev: string; gateway?: string}]
  return {device: route.dev, via: route.gateway}
}
