import {type Host, isAddress, networkOf, refuse, type Secret, wireguardPublicKey} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import type {schema} from './schema.ts'

type Plain = FromSchema<typeof schema>
type PlainDevice = Plain['devices'][number]
type PlainPeer = PlainDevice['peers'][number]

export type PeerVars = Omit<PlainPeer, 'preshared_key'> & {readonly preshared_key?: Secret | undefined}
export type DeviceVars = Omit<PlainDevice, 'private_key' | 'next_private_key' | 'peers'> & {
  readonly private_key: Secret
  readonly next_private_key?: Secret | undefined
  readonly peers: readonly PeerVars[]
}
export type WireguardVars = Omit<Plain, 'devices'> & {readonly devices: readonly DeviceVars[]}

export type Family = 4 | 6
export const families: readonly Family[] = [4, 6]
export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** Bytes that WireGuard adds: 32 of its own, 8 of UDP, 20 or 40 of IP. */
export const overheads: Readonly<Record<Family, number>> = {4: 60, 6: 80}
/** Of an Ethernet; what a link really has is a fact. */
export const usualMtu = 1500
/** Below the heartbeat of 10 s even when one is lost. */
const usualKeepalive = 5

export type PeerView = {
  readonly name: string
  readonly publicKey: string
  readonly nextPublicKey: string | undefined
  readonly presharedKey: Secret | undefined
  /** Address or name, and port. */
  readonly endpoint: string | undefined
  readonly allowedIps: readonly string[]
  readonly keepalive: number
}

/** How packets of a device find the way out that is theirs. */
export type Carrier = {
  readonly device: string
  readonly mark: number
  readonly mask: number
  readonly table: number
  readonly priority: number
  readonly paths: readonly {
    readonly family: Family
    readonly networks: readonly string[]
    readonly gateway: string | undefined
    readonly source: string | undefined
  }[]
}

export type DeviceView = {
  readonly name: string
  readonly addresses: readonly string[]
  readonly port: number
  readonly mtu: number
  readonly privateKey: Secret
  readonly nextPrivateKey: Secret | undefined
  readonly publicKey: string
  readonly nextPublicKey: string | undefined
  readonly carrier: Carrier | undefined
  /** Prefixes that become routes of the main table. */
  readonly routes: readonly string[]
  readonly follow: string | undefined
  readonly peers: readonly PeerView[]
}

export const idOf = ({id, name}: Pick<DeviceVars, 'id' | 'name'>): number | undefined => {
  const found = id ?? Number(/\d+$/.exec(name)?.[0] ?? Number.NaN)
  return Number.isInteger(found) && found <= 254 ? found : undefined
}
export const portOf = (device: DeviceVars): number => device.port ?? 51820 + (idOf(device) ?? 0)
export const keepaliveOf = ({keepalive}: PeerVars): number => keepalive ?? usualKeepalive
export const allowedOf = ({allowed_ips = []}: PeerVars): readonly string[] => allowed_ips
export const publicKeyOf = (key: Secret): string => wireguardPublicKey(key.reveal()) ?? 'no key'

/** `192.0.2.1` of `192.0.2.1:51820`, `2001:db8::1` of `[2001:db8::1]:51820`; undefined for a name. */
export const endpointAddress = (endpoint: string | undefined): string | undefined => {
  const host = (endpoint ?? '').replace(/:\d+$/, '').replaceAll(/[[\]]/g, '')
  return isAddress(host) ? host : undefined
}
export const endpointPort = (endpoint: string): number => Number(/\d+$/.exec(endpoint)?.[0])

/** 60 where every far end is known to be IPv4, else 80. */
export const overheadOf = ({peers}: DeviceVars): number => {
  const addresses = peers.map(({endpoint}) => endpointAddress(endpoint))
  const isFour = peers.length > 0 && addresses.every(address => address !== undefined && familyOf(address) === 4)
  return overheads[isFour ? 4 : 6]
}

export const mtuOf = (device: DeviceVars, linkMtu = usualMtu): number => device.mtu ?? linkMtu - overheadOf(device)

type Facts = {readonly links: Readonly<Record<string, {readonly mtu: number}>>}

export const deviceViews = (vars: WireguardVars, facts: Facts, host: Host): DeviceView[] =>
  vars.devices.map((device): DeviceView => {
    const {name, private_key, next_private_key, follow} = device
    return {
      name,
      addresses: device.addresses,
      port: portOf(device),
      mtu: fittingMtu(device, facts, host),
      privateKey: private_key,
      nextPrivateKey: next_private_key,
      publicKey: publicKeyOf(private_key),
      nextPublicKey: next_private_key && publicKeyOf(next_private_key),
      carrier: carrierOf(device, vars, host),
      routes: device.routes ? device.peers.flatMap(allowedOf).map(canonical) : [],
      follow: follow || undefined,
      peers: device.peers.map(peerView),
    }
  })

const peerView = (peer: PeerVars): PeerView => ({
  name: peer.name,
  publicKey: peer.public_key,
  nextPublicKey: peer.next_public_key === peer.public_key ? undefined : peer.next_public_key,
  presharedKey: peer.preshared_key,
  endpoint: peer.endpoint,
  allowedIps: allowedOf(peer).map(canonical),
  keepalive: keepaliveOf(peer),
})

/** What a link really carries is known when the host is asked. */
const fittingMtu = (device: DeviceVars, {links}: Facts, host: Host): number => {
  const carrier = device.link === undefined ? undefined : host.links[device.link]?.device
  if (carrier === undefined) return mtuOf(device)
  const link = links[carrier]
  if (link === undefined)
    throw refuse({
      rule: 'missing-device',
      host: host.name,
      what: `${device.name} is carried by the device ${carrier}, which this host does not have`,
      why: `it has ${Object.keys(links).join(', ')}`,
      fix: 'set the device of its link to one of these',
    })
  const most = link.mtu - overheadOf(device)
  if (device.mtu !== undefined && device.mtu > most)
    throw refuse({
      rule: 'wireguard-mtu',
      host: host.name,
      what: `the MTU ${device.mtu} of ${device.name} does not fit into ${carrier}, whose own is ${link.mtu}`,
      why: `WireGuard adds ${overheadOf(device)} bytes`,
      fix: `set it to ${most} or less, or leave it out`,
    })
  return mtuOf(device, link.mtu)
}

/** The table of a device with a link; undefined without one, and where the link is missing: `problems` has told. */
export const carrierOf = (device: DeviceVars, vars: WireguardVars, host: Host): Carrier | undefined => {
  const link = host.links[device.link ?? '']
  const id = idOf(device)
  if (!link || id === undefined) return undefined
  const given: Readonly<Record<Family, string | undefined>> = {4: device.gateway, 6: device.gateway6}
  return {
    device: link.device,
    mark: (id + 1) * (vars.mark_mask & -vars.mark_mask),
    mask: vars.mark_mask,
    table: vars.first_table + id,
    priority: vars.rule_priority + id,
    paths: families.flatMap(family => {
      const networks = link.addresses.filter(address => familyOf(address) === family).map(canonical)
      const own = link.gateway !== undefined && familyOf(link.gateway) === family ? link.gateway : undefined
      const source = device.source?.find(address => familyOf(address) === family)
      return networks.length === 0
        ? []
        : [{family, networks, gateway: given[family] ?? own, source: source?.replace(/\/.*/, '')}]
    }),
  }
}

/** A prefix as ip(8) and wg(8) print it. */
export const canonical = (address: string): string => {
  const network = networkOf(address) ?? address
  return network.includes('/') ? network : `${network}/${familyOf(network) === 4 ? 32 : 128}`
}
