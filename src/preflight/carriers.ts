import {contains} from '../addresses.ts'
import type {Tunnel} from '../offer.ts'
import type {Host} from '../role.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'

export type PlacedTunnel = PlacedOffer<Tunnel>

/** The tunnels of a host, each device once. */
export const tunnelsOf = (offers: readonly PlacedOffer[], host: string): readonly PlacedTunnel[] => [
  ...new Map(
    offersOf(offers, 'tunnel').flatMap(each => (each.host === host ? [[each.offer.device, each] as const] : [])),
  ).values(),
]

/**
 * The tunnel that the packets of a tunnel go into: itself where its far end is in its own network, the one that it names as its link, or
 * one in whose network its far end is.
 */
const carrierOf = (tunnel: PlacedTunnel, tunnels: readonly PlacedTunnel[], host: Host): PlacedTunnel | undefined => {
  const {link, endpoints} = tunnel.offer
  const reaches = ({offer}: PlacedTunnel): boolean =>
    offer.addresses.some(own => endpoints.some(endpoint => contains(own, endpoint)))
  if (reaches(tunnel)) return tunnel
  return link === undefined
    ? tunnels.find(reaches)
    : tunnels.find(({offer}) => offer.device === (host.links[link]?.device ?? link))
}

/** A tunnel, what carries it, what carries that, and so on up to one that a link carries, or to one that was there: `back`. */
export const chainOf = (
  tunnel: PlacedTunnel,
  tunnels: readonly PlacedTunnel[],
  host: Host,
): {readonly chain: readonly PlacedTunnel[]; readonly back: PlacedTunnel | undefined} => {
  const chain = [tunnel]
  for (;;) {
    const next = carrierOf(chain.at(-1) ?? tunnel, tunnels, host)
    if (!next || chain.includes(next)) return {chain, back: next}
    chain.push(next)
  }
}
