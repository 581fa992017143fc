import {contains, type Host, type OfferContext, type Peer, type Secret} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import {canonical, type Family, familyOf} from './prefix.ts'
import type {schema} from './schema.ts'

type Raw = FromSchema<typeof schema>
type RawNeighbor = Raw['neighbors'][number]
export type Neighbor = Omit<RawNeighbor, 'password'> & {readonly password?: Secret}
export type BgpVars = Omit<Raw, 'neighbors' | 'ibgp_password'> & {
  readonly neighbors: readonly Neighbor[]
  readonly ibgp_password?: Secret
}
export type BgpContext = OfferContext<BgpVars>

/** One BGP session, with everything that follows from its class decided. */
export type Session = {
  readonly address: string
  readonly family: Family
  readonly asn: number
  readonly link: string
  /** Ours on that link, in its family: where the session comes from. */
  readonly from: string | undefined
  readonly isInternal: boolean
  /** With the other gateway of the pair. */
  readonly isOfPair: boolean
  readonly description: string
  readonly password?: Secret
  readonly bfd: string | undefined
  readonly gtsm: boolean
  readonly multihop?: number
  readonly accept: 'default' | 'full' | 'list' | 'all'
  readonly acceptList: readonly string[]
  readonly importMap?: string
  readonly exportMap?: string
  readonly preference: number
  readonly maxPrefix: number
  readonly communities: readonly string[]
  readonly prepend: number
  readonly med: number
  readonly nextHop?: string
  readonly softInbound: boolean
  readonly shutdown: boolean
}

/** Those of the inventory and, with a pair, one to the other gateway per family that both have on the link between them. */
export const sessionsOf = (
  vars: BgpVars,
  host: Host,
  peers: readonly Pick<Peer<BgpVars>, 'name' | 'links'>[],
): readonly Session[] => [
  ...vars.neighbors.map(neighbor => declared(neighbor, vars, host)),
  ...(vars.ibgp ? peers.flatMap(peer => derived(vars, host, peer)) : []),
]

/** The session that somebody names by the address of its neighbor. @throws Error that names those there are */
export const sessionWith = (address: unknown, ...of: Parameters<typeof sessionsOf>): Session => {
  const sessions = sessionsOf(...of)
  const session = sessions.find(each => each.address === address)
  if (session) return session
  const [, host] = of
  const known = sessions.map(each => each.address).join(', ')
  throw new Error(`neighbor=${JSON.stringify(address ?? '')} is no neighbor of ${host.name}: ${known || 'it has none'}`)
}

const declared = (neighbor: Neighbor, vars: BgpVars, host: Host): Session => {
  const {address, asn, link, description, password, multihop, import_map, export_map, next_hop} = neighbor
  const family = familyOf(address)
  const isInternal = asn === vars.asn
  const accept = neighbor.import ?? (neighbor.class === 'transit' ? 'default' : 'full')
  return {
    address: canonical(address),
    family,
    asn,
    link,
    from: ownAddress(host, link, address) ?? (multihop === undefined ? undefined : firstAddress(host, link, family)),
    isInternal,
    isOfPair: false,
    description: description ?? `AS ${asn} on ${link}`,
    ...(password !== undefined && {password}),
    bfd: neighbor.bfd === false ? undefined : neighbor.bfd,
    gtsm: neighbor.gtsm && multihop === undefined && !isInternal,
    ...(multihop !== undefined && {multihop}),
    accept: isInternal ? 'all' : accept,
    acceptList: neighbor.import_list ?? [],
    ...(import_map !== undefined && {importMap: import_map}),
    ...(export_map !== undefined && {exportMap: export_map}),
    preference: neighbor.preference,
    maxPrefix: neighbor.max_prefix ?? maxPrefix(accept, neighbor, family),
    communities: neighbor.communities,
    prepend: neighbor.prepend,
    med: neighbor.med,
    ...(next_hop !== undefined && {nextHop: canonical(next_hop)}),
    softInbound: neighbor.soft_inbound,
    shutdown: neighbor.shutdown,
  }
}

/** Half as much again as the full tables of late 2026; a peer announces its own. */
const maxPrefix = (
  accept: 'default' | 'full' | 'list',
  {class: kind, import_list}: Neighbor,
  family: Family,
): number => {
  if (accept === 'default') return 5
  if (accept === 'list') return Math.max(10, 2 * (import_list?.length ?? 0))
  if (kind === 'peer') return family === 4 ? 50_000 : 20_000
  return family === 4 ? 1_600_000 : 400_000
}

const derived = (vars: BgpVars, host: Host, peer: Pick<Peer<BgpVars>, 'name' | 'links'>): readonly Session[] => {
  const theirs = (peer.links[vars.ibgp_link]?.addresses ?? []).map(withoutLength)
  return ([4, 6] as const).flatMap(family => {
    const address = theirs.find(one => familyOf(one) === family && ownAddress(host, vars.ibgp_link, one) !== undefined)
    if (address === undefined) return []
    return {
      address: canonical(address),
      family,
      asn: vars.asn,
      link: vars.ibgp_link,
      from: ownAddress(host, vars.ibgp_link, address),
      isInternal: true,
      isOfPair: true,
      description: peer.name,
      ...(vars.ibgp_password !== undefined && {password: vars.ibgp_password}),
      bfd: vars.ibgp_bfd,
      gtsm: false,
      accept: 'all' as const,
      acceptList: [],
      preference: 100,
      maxPrefix: family === 4 ? 1_600_000 : 400_000,
      communities: [],
      prepend: 0,
      med: 0,
      softInbound: false,
      shutdown: false,
    }
  })
}

export const withoutLength = (address: string): string => address.split('/')[0] ?? address

/** Our address in the subnet of `address`: named, because a virtual address in the same subnet could be chosen instead. */
const ownAddress = (host: Host, link: string, address: string): string | undefined =>
  (host.links[link]?.addresses ?? []).filter(own => contains(own, address)).map(withoutLength)[0]

const firstAddress = (host: Host, link: string, family: Family): string | undefined =>
  (host.links[link]?.addresses ?? []).map(withoutLength).find(own => familyOf(own) === family)
