import type {Host} from 'gatewright'
import {bare, canonical, familyOf, networkOf} from './subnet.ts'
import {addressesOn, linkOf, type Member, type VrrpVars} from './view.ts'

export type ConntrackView = {
  readonly channels: readonly {
    readonly family: 4 | 6
    readonly device: string
    readonly source: string
    readonly destination: string
  }[]
  readonly port: number
  readonly direct: boolean
  readonly buffer: number
  readonly hashSize: number
  readonly hashLimit: number
  /** What the gateways themselves talk about is not copied: a socket cannot move. */
  readonly ignored: readonly {readonly family: 4 | 6; readonly address: string}[]
}

export const conntrackLinks = (vars: VrrpVars): readonly string[] => vars.conntrack_links ?? [vars.sync_link]

export const conntrackView = (vars: VrrpVars, host: Host, peers: readonly Member[]): ConntrackView => ({
  channels: conntrackLinks(vars).flatMap(link => channelOn(link, host, peers)),
  port: vars.conntrack_port,
  direct: vars.conntrack_direct,
  buffer: vars.conntrack_buffer,
  // conntrackd.conf(5): HashLimit should be double of nf_conntrack_max; four connections in a bucket, as in its example.
  hashSize: vars.conntrack_max / 2,
  hashLimit: vars.conntrack_max * 2,
  ignored: [...new Set(ignored(vars, host, peers))].map(address => ({family: familyOf(address), address})),
})

/** `undefined` of nothing: two hosts without addresses of one family on the link have no channel there. */
export const channelOn = (link: string, host: Host, peers: readonly Member[]): ConntrackView['channels'] => {
  for (const family of [4, 6] as const) {
    const [source] = addressesOn(host, link, family)
    const [destination] = peers.flatMap(peer => addressesOn(peer, link, family))
    if (source !== undefined && destination !== undefined)
      return [{family, device: linkOf(link, host).device, source, destination}]
  }
  return []
}

const ignored = (vars: VrrpVars, host: Host, peers: readonly Member[]): string[] => [
  '127.0.0.0/8',
  '::1',
  ...conntrackLinks(vars).flatMap(link => (host.links[link]?.addresses ?? []).map(networkOf)),
  ...[host, ...peers]
    .flatMap(({links}) => Object.values(links).flatMap(({addresses}) => addresses.map(canonical)))
    .toSorted(),
  ...vars.addresses.map(({address}) => canonical(bare(address))),
]
