import type {Monitored, OfferingHost} from 'gatewright'

/** A host that is watched, with what its roles say is to be watched on it. */
export type Watched = {
  readonly name: string
  readonly pair: string | undefined
  readonly site: string | undefined
  /** Where its exporters listen. */
  readonly address: string
  readonly devices: readonly string[]
  readonly watches: readonly Monitored[]
  readonly agent?: Monitored['agent']
}

/** All hosts to which this role is applied. */
export const watchedHosts = (fleet: readonly OfferingHost[]): readonly Watched[] =>
  fleet.flatMap(({name, pair, site, links, offers}) => {
    const watches = offers.filter(offer => offer.offer === 'monitored')
    const {address, agent} = watches.find(({what}) => what === 'host') ?? {}
    if (address === undefined) return []
    const tunnels = new Set(offers.flatMap(offer => (offer.offer === 'tunnel' ? [offer.device] : [])))
    const devices = Object.values(links).flatMap(({device}) => (tunnels.has(device) ? [] : [device]))
    return [{name, pair, site, address, devices, watches, ...(agent && {agent})}]
  })

export const watchesOf = (host: Watched, ...kinds: readonly Monitored['what'][]): readonly Monitored[] =>
  host.watches.filter(({what}) => kinds.includes(what))

/** Hosts that stand in for each other, under the name of their pair; a host without one is its own. */
export const pairsOf = (hosts: readonly Watched[]): ReadonlyMap<string, readonly [Watched, ...Watched[]]> => {
  const pairs = new Map<string, [Watched, ...Watched[]]>()
  for (const host of hosts) {
    const name = host.pair ?? host.name
    const known = pairs.get(name)
    if (known) known.push(host)
    else pairs.set(name, [host])
  }
  return pairs
}

export type Collector = {readonly name: string; readonly program: string; readonly isSlow: boolean}

/** The programs that print metrics on a host, each once. */
export const collectorsOf = (watches: readonly Monitored[]): readonly Collector[] => {
  const programs = new Map<string, Collector>()
  for (const {metrics} of watches) if (metrics) programs.set(metrics.name, {isSlow: false, ...metrics})
  return [...programs.values()]
}
