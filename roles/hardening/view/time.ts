import type {Peer} from 'gatewright'
import type {HardeningVars} from '../schema.ts'

export type TimeView = {
  readonly servers: readonly string[]
  readonly pools: readonly string[]
  readonly peers: readonly string[]
  readonly isOrphan: boolean
}

const plain = (address: string): string => address.replace(/\/.*/, '')
export const peerLinkOf = (vars: HardeningVars): string | undefined => vars.ntp_peer_link ?? vars.management_link

/** One address of each peer, on the link over which they ask each other. */
export const timePeers = (vars: HardeningVars, peers: readonly Peer<HardeningVars>[]): readonly string[] =>
  peers.flatMap(peer => {
    const link = peerLinkOf(vars)
    return peer.vars.time && link !== undefined ? (peer.links[link]?.addresses.slice(0, 1).map(plain) ?? []) : []
  })

export const timeView = (vars: HardeningVars, peers: readonly Peer<HardeningVars>[]): TimeView => {
  const asked = timePeers(vars, peers)
  return {servers: vars.ntp_servers, pools: vars.ntp_pools, peers: asked, isOrphan: asked.length > 0}
}
