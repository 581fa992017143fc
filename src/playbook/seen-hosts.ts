import type {Tunnel} from '../offer.ts'
import type {PlacedOffer} from '../preflight/placed-offer.ts'
import type {Host} from '../role.ts'
import {withTunnels} from './tunnel-links.ts'

type Hosts = ReadonlyMap<string, Host>

/** The hosts as roles see them: with the tunnels of other roles as links, as its own are what a role makes of its variables. */
export class SeenHosts {
  readonly #hosts: Hosts
  readonly #tunnels: readonly PlacedOffer<Tunnel>[]
  readonly #byRole = new Map<string, Hosts>()

  constructor(hosts: Hosts, tunnels: readonly PlacedOffer<Tunnel>[] = []) {
    this.#hosts = hosts
    this.#tunnels = tunnels
  }

  /** All tunnels that roles make on a host. */
  tunnelsOn(name: string): readonly Tunnel[] {
    return this.#tunnels.flatMap(({host, offer}) => (host === name ? [offer] : []))
  }

  /** A host with all of its tunnels. */
  whole(name: string): Host | undefined {
    const host = this.#hosts.get(name)
    return host && withTunnels(host, this.tunnelsOn(name))
  }

  by(role: string): Hosts {
    const known = this.#byRole.get(role)
    if (known) return known
    const ofOthers = Map.groupBy(
      this.#tunnels.filter(tunnel => tunnel.role !== role),
      ({host}) => host,
    )
    const seen = new Map(
      [...this.#hosts].map(([name, host]) => [
        name,
        withTunnels(
          host,
          (ofOthers.get(name) ?? []).map(({offer}) => offer),
        ),
      ]),
    )
    this.#byRole.set(role, seen)
    return seen
  }
}
