import type {Tunnel} from '../offer.ts'
import type {Host, Link} from '../role.ts'

/**
 * A host with the tunnels that its roles make as further links, by the names of their devices: so every role can name them where it
 * names a link. What the inventory says of a name or a device wins.
 */
export const withTunnels = (host: Host, tunnels: readonly Tunnel[]): Host => {
  const known = new Set(Object.values(host.links).map(({device}) => device))
  const made = tunnels.filter(({device}) => !known.has(device))
  return made.length === 0
    ? host
    : {...host, links: {...Object.fromEntries(made.map(tunnel => [tunnel.device, linkOf(tunnel)])), ...host.links}}
}

const linkOf = ({device, addresses, mtu}: Tunnel): Link => ({device, addresses, mtu})
