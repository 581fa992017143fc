import type {Host, Offer} from 'gatewright'
import type {HardeningVars} from '../schema.ts'
import {declaredFlows} from './flows.ts'
import {type Family, familyOf, networksOf} from './network.ts'
import {protocolNumber} from './protocols.ts'

/** One permit, of one family or of both: what stands in a line of the ruleset. */
export type Permit = {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly family: Family | undefined
  readonly source: readonly string[]
  readonly destination: readonly string[]
  /** Numbers of IP protocols; empty: every protocol. */
  readonly protocols: readonly number[]
  readonly ports: readonly string[]
  readonly comment: string
}

export type FirewallView = {
  /** Networks that may be the source on `devices` only. */
  readonly spoofing: readonly {
    readonly devices: readonly string[]
    readonly family: Family
    readonly networks: readonly string[]
  }[]
  readonly managementDevice: string | undefined
  /** Addresses that answer on the management link only. */
  readonly managementAddresses: readonly {readonly family: Family; readonly addresses: readonly string[]}[]
  readonly sshPort: number
  /** Before everything that asks the connection tracking: it may have begun before the tracking did. */
  readonly ssh: readonly Permit[]
  readonly input: readonly Permit[]
  readonly forward: readonly Permit[]
  readonly echoRate: number
  readonly logRate: number
}

/** The links to the outside: everybody may be a source there who is not known to be inside. */
export const uplinksOf = (vars: HardeningVars, host: Host): readonly string[] =>
  vars.uplinks ?? Object.keys(host.links).filter(name => host.links[name]?.gateway !== undefined)

export const managementAddressesOf = (vars: HardeningVars, host: Host): readonly string[] =>
  (host.links[vars.management_link ?? '']?.addresses ?? []).map(address => address.replace(/\/.*/, ''))

/** Who may use SSH: what is said, or whoever is on the management link. */
export const managementNetworksOf = (vars: HardeningVars, host: Host): readonly string[] =>
  networksOf(
    vars.management_from.length > 0 ? vars.management_from : (host.links[vars.management_link ?? '']?.addresses ?? []),
  )

export const firewallView = (vars: HardeningVars, host: Host, offers: readonly Offer[]): FirewallView => {
  const addresses = managementAddressesOf(vars, host)
  const input = unique(
    declaredFlows(vars, offers).flatMap(({protocol, ports, from, to, link, purpose}) =>
      permits({
        from: link === undefined ? [] : devicesOf(host, [link]),
        to: [],
        source: from,
        destination: to,
        protocol,
        ports,
        comment: purpose,
      }),
    ),
  )
  const between = transitDevices(host, offers)
  const isSsh = ({protocols, ports}: Permit): boolean =>
    protocols[0] === 6 && ports.length === 1 && ports[0] === String(vars.ssh_port)
  return {
    spoofing: spoofing(vars, host, between),
    managementDevice: host.links[vars.management_link ?? '']?.device,
    managementAddresses: (['ip', 'ip6'] as const).flatMap(family => {
      const own = addresses.filter(address => familyOf(address) === family)
      return own.length === 0 ? [] : [{family, addresses: own}]
    }),
    sshPort: vars.ssh_port,
    ssh: input.filter(isSsh),
    input: input.filter(permit => !isSsh(permit)),
    forward: unique(
      vars.forward.flatMap(({from, to, source = [], destination = [], protocol, ports = [], purpose}) =>
        permits({
          from: withDevices(devicesOf(host, [from].flat()), between),
          to: withDevices(devicesOf(host, [to].flat()), between),
          source,
          destination,
          protocol,
          ports: ports.map(String),
          comment: purpose ?? `${[from].flat().join(', ')} to ${[to].flat().join(', ')}`,
        }),
      ),
    ),
    echoRate: vars.echo_rate,
    logRate: vars.firewall_log_rate,
  }
}

/** A link that the host does not have is refused by the role's problems, or is none of this host's flows. */
const devicesOf = (host: Host, links: readonly string[]): string[] =>
  links.map(link => host.links[link]?.device ?? link).toSorted()

const withDevices = (devices: readonly string[], more: readonly string[]): string[] =>
  [...new Set([...devices, ...more])].toSorted()

/** Over these the other gateway of the pair hands on what it has let through, when this one is the way out. */
const transitDevices = (host: Host, offers: readonly Offer[]): readonly string[] =>
  devicesOf(
    host,
    offers.flatMap(each => (each.offer === 'transit' ? [each.link] : [])),
  )

type Wanted = Omit<Permit, 'family' | 'protocols'> & {readonly protocol: string | undefined}

/** One for each family that its addresses are of; without addresses one for both. */
const permits = ({protocol, ...wanted}: Wanted): Permit[] => {
  const [source, destination] = [networksOf(wanted.source), networksOf(wanted.destination)]
  const families = (['ip', 'ip6'] as const).filter(family =>
    [source, destination].every(list => list.length === 0 || list.some(one => familyOf(one) === family)),
  )
  const common = {...wanted, comment: wanted.comment.replaceAll(/["\\\n]/g, ' ').slice(0, 120)}
  const of = (family: Family | undefined): Permit => ({
    ...common,
    family,
    source: source.filter(one => familyOf(one) === family),
    destination: destination.filter(one => familyOf(one) === family),
    protocols: protocol === undefined ? [] : numbersOf(protocol, family),
  })
  return source.length + destination.length === 0 ? [of(undefined)] : families.map(of)
}

/** `icmp` means both families, each with its own protocol. */
const numbersOf = (protocol: string, family: Family | undefined): readonly number[] => {
  const number = protocolNumber(protocol)
  if (number !== 1 || family === 'ip') return number === undefined ? [] : [number]
  return family === 'ip6' ? [58] : [1, 58]
}

const unique = (permits: readonly Permit[]): readonly Permit[] => [
  ...new Map(permits.map(permit => [JSON.stringify(permit), permit])).values(),
]

const spoofing = (vars: HardeningVars, host: Host, between: readonly string[]): FirewallView['spoofing'] => {
  const outside = new Set(uplinksOf(vars, host))
  const onTransit = (name: string): readonly string[] => (name === vars.management_link ? [] : between)
  const devices = new Map<string, Set<string>>()
  for (const [name, link] of Object.entries(host.links))
    if (!outside.has(name))
      for (const network of networksOf(link.addresses).filter(one => !one.startsWith('fe80:')))
        devices.set(network, new Set([...(devices.get(network) ?? []), link.device, ...onTransit(name)]))
  const groups = new Map<string, {devices: string[]; family: Family; networks: string[]}>()
  for (const [network, on] of devices) {
    const family = familyOf(network)
    const key = `${family} ${[...on].toSorted().join(' ')}`
    const group = groups.get(key) ?? {devices: [...on].toSorted(), family, networks: []}
    groups.set(key, {...group, networks: [...group.networks, network].toSorted()})
  }
  return [...groups.values()]
}
