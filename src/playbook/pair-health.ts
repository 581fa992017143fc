import type {CheckResult} from '../executor/health.ts'
import {NeedsFactsOf} from './evaluation-error.ts'
import type {Fleet, FleetHost} from './model.ts'

/** How a host does its part of a pair. `absent`: no role of the pair was ever applied to it, which is no sickness. */
export type HostHealth = {
  readonly is: 'healthy' | 'sick' | 'absent'
  readonly checks: readonly CheckResult[]
  /** It could not even be asked. */
  readonly isSilent?: true
}

export const healthOf = (checks: readonly CheckResult[]): HostHealth => {
  if (checks.some(({is}) => is === 'sick')) return {is: 'sick', checks}
  return {is: checks.length > 0 && checks.every(({is}) => is === 'absent') ? 'absent' : 'healthy', checks}
}

/** A host that cannot be asked; nobody knows what it does. */
export const silent = (reason: string): HostHealth => ({
  is: 'sick',
  checks: [{name: 'connection', is: 'sick', reason}],
  isSilent: true,
})

/** `keepalived: it is not running; BGP session with 192.0.2.1: Idle` */
export const sicknessOf = ({checks}: HostHealth): string =>
  checks
    .filter(({is}) => is === 'sick')
    .map(({name, reason}) => (reason === undefined ? name : `${name}: ${reason}`))
    .join('; ')

/** What is known of the health of pairs, and the order that follows from it. */
export class PairHealth {
  readonly #fleet: Fleet
  readonly #known = new Map<string, HostHealth>()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
  }

  set(host: string, health: HostHealth): void {
    this.#known.set(host, health)
  }
  of(host: string): HostHealth | undefined {
    return this.#known.get(host)
  }

  /** The other hosts of its pair, in the run or not, in the order of their names. */
  peersOf(host: string): readonly string[] {
    const pair = this.#fleet.hosts.get(host)?.host.pair
    if (pair === undefined) return []
    const isPeer = ({name, host: {pair: theirs}}: FleetHost): boolean => name !== host && theirs === pair
    return [...this.#fleet.hosts.values()]
      .filter(isPeer)
      .map(({name}) => name)
      .toSorted()
  }

  /** Some role can tell how the hosts of its pair are. */
  isGated(host: string): boolean {
    const peers = this.peersOf(host)
    return peers.length > 0 && [host, ...peers].some(name => (this.#fleet.health.get(name)?.checks.length ?? 0) > 0)
  }

  /** Peers that are known to be sick. */
  sickPeersOf(host: string): readonly {readonly host: string; readonly health: HostHealth}[] {
    return this.peersOf(host).flatMap(peer => {
      const health = this.of(peer)
      return health?.is === 'sick' ? [{host: peer, health}] : []
    })
  }

  /**
   * The same hosts, those of each pair among its places in the order in which they are changed: the sick before the standby
   * before the one that holds the address. Throws NeedsFactsOf while one of a pair has not been asked.
   */
  inOrder(hosts: readonly string[]): readonly string[] {
    const pairs = Map.groupBy(hosts, host => this.#fleet.hosts.get(host)?.host.pair ?? '')
    const queues = new Map(
      [...pairs]
        .filter(([pair, members]) => pair !== '' && members.length > 1 && members.some(host => this.isGated(host)))
        .map(([pair, members]) => [pair, members.toSorted((a, b) => this.#rank(a) - this.#rank(b))]),
    )
    return hosts.map(host => queues.get(this.#fleet.hosts.get(host)?.host.pair ?? '')?.shift() ?? host)
  }

  #rank(host: string): number {
    const health = this.of(host)
    if (!health) throw new NeedsFactsOf(host)
    // Nothing can be done on it, so that nobody waits for it.
    if (health.isSilent) return 4
    return (health.is === 'sick' ? 0 : 2) + (health.checks.some(({holds}) => holds) ? 1 : 0)
  }
}
