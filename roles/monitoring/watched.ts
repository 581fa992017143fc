import type {Monitored, OfferingHost} from 'gatewright'

/** A link by which something may be reached, by its name. */
export type Way = {readonly name: string; readonly device: string; readonly follows: boolean}

/** A host that is watched, with what its roles say is to be watched on it. */
export type Watched = {
  readonly name: string
  readonly pair: string | undefined
  readonly site: string | undefined
  /** Where its exporters listen. */
  readonly address: string
  readonly devices: readonly string[]
  /** Uplinks and tunnels. */
  readonly ways: readonly Way[]
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
    const outward = new Set([...tunnels, ...watches.flatMap(each => (each.what === 'uplink' ? [each.device] : []))])
    const ways = Object.entries(links).flatMap(([link, {device, gateway}]) =>
      gateway !== undefined || outward.has(device)
        ? [{name: link, device, follows: watches.some(each => each.device === device && each.follows === true)}]
        : [],
    )
    return [{name, pair, site, address, devices, ways, watches, ...(agent && {agent})}]
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

/** How often a collector runs; checks wait for others, and would hold up the rest. */
export type Pace = 'fast' | 'slow' | 'checks'
export const paces: readonly Pace[] = ['fast', 'slow', 'checks']
export type Collector = {readonly name: string; readonly program: string; readonly pace: Pace}

/** The programs that print metrics on a host, each once. */
export const collectorsOf = (watches: readonly Monitored[]): readonly Collector[] => {
  const programs = new Map<string, Collector>()
  for (const {what, metrics} of watches)
    if (metrics) {
      const {name, program, isSlow} = metrics
      programs.set(name, {name, program, pace: what === 'check' ? 'checks' : isSlow === true ? 'slow' : 'fast'})
    }
  return [...programs.values()]
}
