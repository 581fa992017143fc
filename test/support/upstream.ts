import {isIP} from 'node:net'
import {labExec, neighboursOf, type ProviderOptions, providersConf, type Topology} from '../../lab/index.ts'
import {onHost} from './site.ts'

const host = 'upstream'

/** Starts the providers' router, or starts it anew with other options. */
export const startUpstream = async (topology: Topology, options: ProviderOptions = {}): Promise<void> => {
  await onHost(
    topology,
    host,
    `cat >/etc/frr/frr.conf <<'END'
${providersConf(topology, host, options)}END
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
    neighboursOf(topology, host).map(({gateway, link, address}) => {
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
