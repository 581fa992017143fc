import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'
import {jsonOf} from './lines.ts'

export type LinkFact = {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  /** Set up by the administrator. */
  readonly up: boolean
  /** A cable with something at its end. */
  readonly carrier: boolean
  /** `bridge`, `vlan`, `wireguard`; undefined for a device of hardware. */
  readonly kind: string | undefined
  /** The bridge, bond or VRF that it is a port of. */
  readonly master: string | undefined
}

type IpLink = {
  ifname: string
  address?: string
  mtu: number
  flags: string[]
  master?: string
  linkinfo?: {info_kind?: string}
}

/** Device -> its state. */
export const links: Fact<Readonly<Record<string, LinkFact>>> = {
  name: 'links',
  command: $`ip -j -d link show`,
  parse: answer =>
    Object.fromEntries(
      jsonOf<IpLink>('links', answer).map(({ifname, address = '', mtu, flags, master, linkinfo}) => [
        ifname,
        {
          name: ifname,
          mac: address,
          mtu,
          up: flags.includes('UP'),
          carrier: flags.includes('LOWER_UP'),
          kind: linkinfo?.info_kind,
          master,
        },
      ]),
    ),
}

export type AddressFact = {
  readonly device: string
  readonly family: 'inet' | 'inet6'
  /** With prefix length: `10.10.0.2/24`. */
  readonly address: string
  readonly scope: string
}

type IpAddress = {
  ifname: string
  addr_info: {family: 'inet' | 'inet6'; local?: string; prefixlen: number; scope: string}[]
}

export const addresses: Fact<readonly AddressFact[]> = {
  name: 'addresses',
  command: $`ip -j addr show`,
  parse: answer =>
    jsonOf<IpAddress>('addresses', answer).flatMap(({ifname, addr_info}) =>
      addr_info.flatMap(({family, local, prefixlen, scope}) =>
        local === undefined ? [] : [{device: ifname, family, address: `${local}/${prefixlen}`, scope}],
      ),
    ),
}

export type RouteFact = {
  readonly family: 'inet' | 'inet6'
  /** `default`, or a prefix. */
  readonly to: string
  readonly via: string | undefined
  readonly device: string | undefined
  /** `main` unless said otherwise. */
  readonly table: string
  readonly protocol: string | undefined
  readonly metric: number | undefined
}

type IpRoute = {
  dst: string
  gateway?: string
  dev?: string
  table?: string
  protocol?: string
  metric?: number
  type?: string
}

/** Of all tables, without those that the kernel keeps for its own addresses (table local). */
export const routes: Fact<readonly RouteFact[]> = {
  name: 'routes',
  command: $`four=$(ip -j -4 route show table all) && six=$(ip -j -6 route show table all) && printf '[%s,%s]' "\${four:-[]}" "\${six:-[]}"`,
  parse: answer =>
    jsonOf<IpRoute[]>('routes', answer).flatMap((routes, index) =>
      routes
        .filter(({table}) => table !== 'local')
        .map(({dst, gateway, dev, table = 'main', protocol, metric}) => ({
          family: index === 0 ? ('inet' as const) : ('inet6' as const),
          to: dst,
          via: gateway,
          device: dev,
          table,
          protocol,
          metric,
        })),
    ),
}
