import {type Host, type Offer, type Peer, refuse} from 'gatewright'
import {
  announceClauses,
  type Clause,
  exportClauses,
  importClauses,
  markerOf,
  type PrefixList,
  prefixLists,
} from './policy.ts'
import {type Family, prefixesOf} from './prefix.ts'
import {type BgpVars, type Session, sessionsOf} from './sessions.ts'

export type BgpView = {
  /** Of FRR, as `show running-config` says it. */
  readonly version: string
  readonly hostname: string
  readonly asn: number
  readonly routerId: string
  readonly keepalive: number
  readonly hold: number
  readonly connectRetry: number
  readonly maxPrefixRestart: number
  /** In the order in which FRR prints them: by family and address. */
  readonly sessions: readonly Session[]
  readonly families: readonly {
    readonly family: Family
    readonly networks: readonly string[]
    readonly sessions: readonly Session[]
  }[]
  readonly prefixLists: readonly PrefixList[]
  /** Route maps, each clause with its sequence number. */
  readonly clauses: readonly (Clause & {readonly seq: number})[]
  readonly bfdProfiles: readonly {readonly name: string; readonly interval: number; readonly multiplier: number}[]
  readonly extra: readonly string[]
  /** Kernel routes by which the rank of our announcements gets into bgpd. */
  readonly markers: readonly string[]
  readonly follow: string
  readonly standby: 'worse' | 'nothing'
  readonly readyLimit: number
}

type Facts = {
  readonly links: Readonly<Record<string, unknown>>
  readonly frr: {readonly installed?: string; readonly candidate?: string}
}

/** Everything that the templates print, from variables alone: `problems` checks the very text that will be written. */
export const bgpView = (
  vars: BgpVars,
  host: Host,
  peers: readonly Pick<Peer<BgpVars>, 'name' | 'links'>[],
  version = '8.4.4',
): BgpView => {
  const sessions = sessionsOf(vars, host, peers).toSorted((one, other) => order(one).localeCompare(order(other)))
  const families = ([4, 6] as const).map(family => ({
    family,
    networks: prefixesOf(vars.networks, family).map(({text}) => text),
    sessions: sessions.filter(session => session.family === family),
  }))
  const used = families.filter(({networks, sessions}) => networks.length + sessions.length > 0)
  return {
    version,
    hostname: host.name,
    asn: vars.asn,
    routerId: vars.router_id,
    keepalive: vars.keepalive,
    hold: vars.hold,
    connectRetry: vars.connect_retry,
    maxPrefixRestart: vars.max_prefix_restart,
    sessions,
    families: used,
    prefixLists: used.flatMap(({family, sessions}) => prefixLists(vars, family, sessions)),
    clauses: numbered([
      ...used.filter(({networks}) => networks.length > 0).flatMap(({family}) => announceClauses(family)),
      ...sessions.flatMap(session => [...importClauses(vars, session), ...exportClauses(vars, session)]),
    ]),
    bfdProfiles: Object.entries(vars.bfd_profiles).map(([name, profile]) => ({name, ...profile})),
    extra: vars.extra_config,
    markers: used.flatMap(({family}) => prefixesOf(vars.networks, family).map(markerOf)),
    follow: vars.follow,
    standby: vars.standby,
    readyLimit: vars.ready_limit,
  }
}

/** Refuses a host that lacks a device of a link it has neighbors on. A tunnel that a role of the host makes may come later. */
export const checkDevices = (view: BgpView, facts: Facts, host: Host, offers: readonly Offer[] = []): void => {
  const isMade = (device: string): boolean => offers.some(each => each.offer === 'tunnel' && each.device === device)
  for (const {link} of view.sessions) {
    const device = host.links[link]?.device
    if (device === undefined || device in facts.links || isMade(device)) continue
    throw refuse({
      rule: 'missing-device',
      host: host.name,
      what: `link ${link} is the device ${device}, which this host does not have`,
      why: `it has ${Object.keys(facts.links).join(', ')}`,
      fix: `set links.${link}.device to one of these`,
    })
  }
}

/** `8.4.4` of `8.4.4-1.1~deb12u2`: the first line of a running configuration. */
export const frrVersion = ({frr}: Pick<Facts, 'frr'>): string | undefined =>
  /^(?:\d+:)?([\d.]+)/.exec(frr.installed ?? frr.candidate ?? '')?.[1]

const order = ({family, address}: Session): string =>
  family === 4
    ? `4 ${address
        .split('.')
        .map(part => part.padStart(3, '0'))
        .join('.')}`
    : `6 ${expanded(address)}`

const expanded = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const groups = (side: string): string[] => (side === '' ? [] : side.split(':'))
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  return [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')]
    .map(group => group.padStart(4, '0'))
    .join(':')
}

const numbered = (clauses: readonly Clause[]): readonly (Clause & {readonly seq: number})[] => {
  const counts = new Map<string, number>()
  return clauses.map(clause => {
    const seq = (counts.get(clause.map) ?? 0) + 10
    counts.set(clause.map, seq)
    return {...clause, seq}
  })
}
