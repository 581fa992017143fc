import type {Secret} from './shell/secret.ts'

/** A connection that a role needs: what the firewall lets through to the gateway. */
export type Flow = {
  readonly offer: 'flow'
  /** Name of an IP protocol: `tcp`, `udp`, `vrrp`, `icmp` ... (/etc/protocols). */
  readonly protocol: string
  /** Destination port, of tcp and udp. */
  readonly port?: number
  /** Addresses and prefixes that may begin it; empty: everybody on that link. */
  readonly from: readonly string[]
  /** Destination addresses; empty or absent: any address of the gateway. */
  readonly to?: readonly string[]
  /** Name of the link on which it comes in; absent: on any. */
  readonly link?: string
  /** What it is for, in a few words: the comment in the ruleset. */
  readonly purpose: string
  /** The other end may begin it too: where that is a host with the same role, it has to let this one in (`flow-one-way`). */
  readonly isMutual?: true
  /** Variable of the role, without prefix, in which it is written. */
  readonly variable?: string
}

/** A kernel parameter that a role needs, with the reason where it departs from what hardening would set. */
export type SysctlOffer = {
  readonly offer: 'sysctl'
  readonly key: string
  readonly value: string | number
  readonly reason?: string
}

/**
 * A number or name of which a host, or whatever `within` says, has only one: two owners of the same are refused before
 * connecting (`claimed-twice`). `within` is a name that all who could collide write alike: `host gw1`, `segment 10.10.0.0/24`.
 *
 * A `prefix` (`192.0.2.0/24`) collides with every one that it overlaps, a `mark` (`0x100/0xff00`, or the mask alone) with every
 * one that uses a bit of its mask. A `virtual address` (`10.10.0.1/24`) belongs to a pair, not to a host: `within` is
 * `site <host.site>`; it may be no address of a link at that site, and the engine may reach no host by it. A `default route` is
 * `IPv4` or `IPv6`, within `table main of <host.name>`.
 */
export type Claim = {
  readonly offer: 'claim'
  readonly what:
    | 'routing table'
    | 'rule priority'
    | 'mark'
    | 'udp port'
    | 'tcp port'
    | 'vrid'
    | 'prefix'
    | 'router-id'
    | 'virtual address'
    | 'default route'
  readonly value: string
  readonly within: string
  /** Who has it; the same owner may claim it often (both gateways of a pair). */
  readonly owner: string
  /** Variable of the role, without prefix, in which it is written. */
  readonly variable?: string
}

/**
 * A file with a number that takes part in who is VRRP master (keepalived.conf(5), track_file): with weight 0 anything but 0 means
 * FAULT, else number times weight is added to the priority. It lies in /run and begins as `initial` at boot.
 */
export type Track = {
  readonly offer: 'track'
  readonly name: string
  readonly file: string
  readonly weight: number
  readonly initial: number
}

/** A process without which a gateway should not be VRRP master (keepalived.conf(5), track_process). */
export type TrackProcess = {
  readonly offer: 'track-process'
  readonly name: string
  readonly process: string
  readonly weight: number
}

/**
 * A device for tunnelled packets that a role makes: for the roles that route over it, which see it as a link of that name, and for the
 * rules about all tunnels of a host.
 */
export type Tunnel = {
  readonly offer: 'tunnel'
  /** Name of the device: `wg0`. */
  readonly device: string
  /** Its own addresses, with prefix length; empty where the far end assigns them. */
  readonly addresses: readonly string[]
  /** Name of the link that carries its packets; absent: the main table decides. */
  readonly link?: string
  /** Addresses of the far ends outside of the tunnel, as far as they are known beforehand. */
  readonly endpoints: readonly string[]
  /** Largest packet that fits into it, in bytes. */
  readonly mtu: number
  /** Bytes that it adds to each packet (outer headers included). */
  readonly overhead: number
  /** Seconds between two signs of life on an idle tunnel. */
  readonly keepalive: number
  /** Its own packets leave by `link` without help (a socket bound to the device, a mark with its own rule); absent: they need a route. */
  readonly isBound?: boolean
  /** Variable of the role, without prefix, in which it is written. */
  readonly variable: string
}

/** Devices of which one stands in for another: what takes away one tunnel must not take the others. */
export type Redundancy = {
  readonly offer: 'redundancy'
  /** What relies on it, in a few words. */
  readonly name: string
  readonly devices: readonly string[]
  /** Seconds within which each has to give a sign of life. */
  readonly heartbeat: number
  /** Packets of the host itself take these devices as well. */
  readonly carriesOwn: boolean
  /** Variable of the role, without prefix, in which it is written. */
  readonly variable: string
}

/** The other gateway of the pair may be the way out: packets of any network of the pair come and go over this link. */
export type Transit = {
  readonly offer: 'transit'
  /** Name of the link between the gateways. */
  readonly link: string
}

/**
 * What monitoring watches on a host: who reads its metrics, and which alerts are about it, follows from that. `program` is a shell
 * program that prints the metrics in Prometheus' text format: run as root, inert, done within a second or two. Several of one host
 * with an equal `program` are one.
 */
export type Monitored = {
  readonly offer: 'monitored'
  readonly what:
    | 'host'
    | 'vrrp'
    | 'bgp'
    | 'uplink'
    | 'wireguard'
    | 'openvpn server'
    | 'openvpn client'
    | 'certificate'
    | 'probe'
    | 'check'
  /** Label by which its metrics are told apart: an instance, the address of a neighbour, an uplink, a device. */
  readonly name: string
  readonly metrics?: {
    /** Name of a file: `vrrp`. */
    readonly name: string
    readonly program: string
    /** What is costly to ask and changes slowly: once a minute is enough. */
    readonly isSlow?: true
  }
  /** The gateways of a pair know it by this number (VRID). */
  readonly id?: number
  /** Device whose traffic it is. */
  readonly device?: string
  /** Contracted rate in Mbit/s. */
  readonly rate?: number
  /** Names of what is beyond it: label `peer`. */
  readonly peers?: readonly string[]
  /** BFD watches it too. */
  readonly bfd?: true
  /** Only the VRRP master has it. */
  readonly follows?: true
  /** Where the exporters of a host listen; what a probe asks. */
  readonly address?: string
  /** How a probe or a check asks. */
  readonly by?: 'icmp' | 'tcp' | 'http' | 'dns'
  /** Links over which a check asks; absent: each uplink and each tunnel of the host. */
  readonly via?: readonly string[]
  /** How the host's agent and who asks it know each other. */
  readonly agent?: {readonly identity: string; readonly key: Secret}
}

/** A typed contribution of one role to others, addressed to the host that offers it. */
export type Offer = Flow | SysctlOffer | Claim | Track | TrackProcess | Tunnel | Redundancy | Transit | Monitored
export const monitored = (given: Omit<Monitored, 'offer'>): Monitored => ({offer: 'monitored', ...given})
export const flow = (flow: Omit<Flow, 'offer'>): Flow => ({offer: 'flow', ...flow})
export const sysctlOffer = (key: string, value: string | number, reason?: string): SysctlOffer => ({
  offer: 'sysctl',
  key,
  value,
  ...(reason !== undefined && {reason}),
})
export const claim = (claim: Omit<Claim, 'offer'>): Claim => ({offer: 'claim', ...claim})
export const track = (track: Omit<Track, 'offer'>): Track => ({offer: 'track', ...track})
export const redundancy = (given: Omit<Redundancy, 'offer'>): Redundancy => ({offer: 'redundancy', ...given})
export const transit = (link: string): Transit => ({offer: 'transit', link})
export const tunnel = (tunnel: Omit<Tunnel, 'offer'>): Tunnel => ({offer: 'tunnel', ...tunnel})
export const trackProcess = (track: Omit<TrackProcess, 'offer'>): TrackProcess => ({offer: 'track-process', ...track})
