import type {LiveContext, SeenAddress, SessionFact, SocketFact} from 'gatewright'
import type {OnWire} from './on-wire.ts'
import type {VrrpVars} from './view.ts'

export type Version = {readonly installed?: string; readonly candidate?: string}
export type Device = {readonly mtu: number; readonly mac: string; readonly up: boolean; readonly carrier: boolean}

/** What was found on a gateway, as far as the rules look at it. */
export type Found = {
  readonly os: {readonly id: string; readonly version: string}
  readonly links: Readonly<Record<string, Device>>
  readonly keepalived: Version
  readonly conntrackd: Version
  readonly sockets: readonly SocketFact[]
  readonly session: Pick<SessionFact, 'server'>
  readonly answers: readonly SeenAddress[]
  readonly adverts: readonly OnWire[]
}
export type Context = LiveContext<VrrpVars, Found>

/**
 * Hardware addresses of all gateways of the pair; undefined while a peer is not heard, whose address would be taken for that of
 * a stranger.
 */
export const ownMacs = ({host, facts, peers}: Context): ReadonlySet<string> | undefined =>
  host.pair !== undefined && peers.length === 0
    ? undefined
    : new Set([facts, ...peers.map(peer => peer.facts)].flatMap(({links}) => Object.values(links).map(({mac}) => mac)))

/** What is the same seen from either side is said once, from the first in the order of their names. */
export const isFirst = ({host}: Pick<Context, 'host'>, peer: {readonly name: string}): boolean => host.name < peer.name
