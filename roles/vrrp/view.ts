import {type Host, type Link, type Offer, refuse, type Track, type TrackProcess} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import {advertInterval, type Budget, budgetOf} from './budget.ts'
import type {schema} from './schema.ts'
import {bare, familyOf} from './subnet.ts'

export type VrrpVars = FromSchema<typeof schema>
export type Member = Pick<Host, 'name' | 'links'>
type Rival = Member & {readonly vars: Pick<VrrpVars, 'priority'>}

export type Instance = {
  readonly name: string
  readonly device: string
  readonly routerId: number
  readonly priority: number
  readonly unicast: {readonly source: string; readonly peers: readonly string[]} | undefined
  /** Lines of virtual_ipaddress: all of one family. */
  readonly advertised: readonly string[]
  /** Those of the other family, which move with them. */
  readonly excluded: readonly string[]
  /** Part of the gateway, and not an instance beside it. */
  readonly isOwn: boolean
}

/** What keepalived.conf prints; every decision is made here. */
export type VrrpView = {
  readonly routerName: string
  readonly name: string
  readonly layout: VrrpVars['layout']
  readonly instances: readonly Instance[]
  /** In a sync group, all tracks sit on the group: keepalived.conf(5) wants weight 0 on its members. */
  readonly group: readonly string[] | undefined
  readonly trackDevices: readonly string[]
  readonly tracks: readonly Omit<Track, 'offer'>[]
  readonly processes: readonly Omit<TrackProcess, 'offer'>[]
  /** Where the peer is asked whether only the way of the advertisements is lost; undefined: they travel on every link. */
  readonly vote: {readonly sync: string; readonly others: readonly string[]} | undefined
  /** Processes that gatewright-vrrp.service looks for instead, with the file in which it says whether one is missing. */
  readonly watched: readonly {readonly process: string; readonly file: string}[]
  readonly advertInterval: number
  readonly downTimerAdverts: number
  /** `never`: nopreempt. `rank`: a better rank takes over, and the holder has `holderBonus` to keep what it has. */
  readonly preempt: 'always' | 'never' | 'rank'
  readonly preemptDelay: number
  readonly startupDelay: number
  readonly realtimePriority: number
  readonly garpRepeat: number
  readonly garpRefresh: number
  readonly failoverLimit: number
  readonly budget: Budget
}

/** A non-zero number in it puts the gateway into FAULT: the way to take the addresses from it without stopping anything. */
export const maintenanceFile = '/etc/keepalived/maintenance'
export const runDirectory = '/run/gatewright/vrrp'
export const stateFile = `${runDirectory}/state`
export const notifyFifo = `${runDirectory}/notify`
export const trackDirectory = '/run/gatewright/track'
export const conntrackTrack = `${trackDirectory}/conntrack`
/** 1 on the gateway that gives up because there are two masters. */
export const splitTrack = `${trackDirectory}/split`
/** 1 on the gateway that is master. */
export const holderTrack = `${trackDirectory}/holder`

type Facts = {
  readonly links: Readonly<Record<string, unknown>>
  readonly virtualisation: {readonly container: boolean}
}

/** Throws a refusal where a device is not on the host, which keepalived's own test would not survive either. */
export const vrrpView = (
  vars: VrrpVars,
  facts: Facts,
  host: Host,
  peers: readonly Rival[],
  offers: readonly Offer[],
): VrrpView => {
  const instances = [
    ...ownInstances(vars, host, peers),
    ...vars.instances.map(each => further(each, vars, host, peers)),
  ]
  const trackLinks = trackLinksOf(vars)
  const processes = offers.filter(offer => offer.offer === 'track-process')
  // The kernel tells of processes in the first network namespace only: keepalived in a container would never learn of them.
  const watched = facts.virtualisation.container ? processes : []
  for (const name of new Set([...instanceLinks(vars), ...trackLinks])) requireDevice(name, facts, host)
  const own = instances.filter(({isOwn}) => isOwn)
  const preempt = vars.preempt ? 'always' : offers.some(isWeighted) ? 'rank' : 'never'
  const vote = voteOf(vars, own[0], peers)
  return {
    routerName: host.name,
    vote,
    name: vars.name,
    layout: vars.layout,
    instances,
    group: own.length > 1 ? own.map(({name}) => name) : undefined,
    trackDevices: trackLinks.map(name => linkOf(name, host).device).filter(device => own[0]?.device !== device),
    tracks: [
      {name: 'maintenance', file: maintenanceFile, weight: 0, initial: 0},
      ...(vars.conntrack ? [{name: 'conntrack', file: conntrackTrack, weight: 0, initial: 1}] : []),
      ...(vote ? [{name: 'split', file: splitTrack, weight: 0, initial: 0}] : []),
      ...(preempt === 'rank' ? holder(vars, peers) : []),
      ...offers.filter(offer => offer.offer === 'track'),
      ...watched.map(({name, weight}) => ({
        name: `process-${name}`,
        file: processFile(name),
        weight: -Math.abs(weight),
        initial: 1,
      })),
    ],
    processes: facts.virtualisation.container ? [] : processes,
    watched: watched.map(({name, process}) => ({process, file: processFile(name)})),
    advertInterval: advertInterval(vars),
    downTimerAdverts: vars.down_timer_adverts,
    preempt,
    preemptDelay: vars.preempt_delay,
    startupDelay: vars.startup_delay,
    realtimePriority: vars.realtime_priority,
    garpRepeat: vars.garp_repeat,
    garpRefresh: vars.garp_refresh,
    failoverLimit: vars.failover_limit,
    budget: budgetOf(vars),
  }
}

const isWeighted = (offer: Offer): boolean =>
  (offer.offer === 'track' || offer.offer === 'track-process') && offer.weight !== 0

/**
 * With nopreempt a backup never takes over from a master, however low that has fallen: a track with a weight would do nothing.
 * So the ranks decide, and the gateway of lower priority has as much more while it is master as lets it stay.
 */
const holder = (vars: VrrpVars, peers: readonly Rival[]): Omit<Track, 'offer'>[] => {
  const weight = Math.max(0, ...peers.map(peer => peer.vars.priority + 1 - vars.priority))
  return weight === 0 ? [] : [{name: 'holder', file: holderTrack, weight, initial: 0}]
}

const voteOf = (vars: VrrpVars, instance: Instance | undefined, peers: readonly Member[]): VrrpView['vote'] => {
  const sync = instance?.unicast?.peers[0]
  const others = peers.flatMap(peer =>
    addressLinks(vars).flatMap(link => (peer.links[link]?.addresses ?? []).slice(0, 1).map(bare)),
  )
  return vars.layout === 'grouped' || sync === undefined || others.length === 0 ? undefined : {sync, others}
}

const processFile = (name: string): string => `${trackDirectory}/process-${name}`

/** Links with a virtual address, in the order in which they are first named. */
export const addressLinks = (vars: Pick<VrrpVars, 'addresses'>): readonly string[] => [
  ...new Set(vars.addresses.map(({link}) => link)),
]

/** Links on which advertisements of the gateway travel. */
export const advertLinks = (vars: VrrpVars): readonly string[] =>
  vars.layout === 'grouped' ? addressLinks(vars) : [vars.sync_link]

/** Links without whose cable the gateway is in FAULT, beside those that its instances speak on. */
export const trackLinksOf = (vars: VrrpVars): readonly string[] => {
  const speaking = advertLinks(vars)
  return (vars.track_links ?? addressLinks(vars)).filter(link => !speaking.includes(link))
}

const instanceLinks = (vars: VrrpVars): readonly string[] => [
  ...advertLinks(vars),
  ...addressLinks(vars),
  ...vars.instances.map(({link}) => link),
]

const ownInstances = (vars: VrrpVars, host: Host, peers: readonly Member[]): Instance[] => {
  const links = advertLinks(vars)
  const untracked = addressLinks(vars).filter(link => !links.includes(link) && !trackLinksOf(vars).includes(link))
  return links.map(link => {
    const addresses = vars.layout === 'grouped' ? vars.addresses.filter(each => each.link === link) : vars.addresses
    return {
      ...instanceOn({
        link,
        addresses,
        untracked,
        unicast: vars.layout === 'tracked-single' || vars.unicast,
        host,
        peers,
      }),
      name: links.length === 1 ? vars.name : `${vars.name}-${link}`,
      routerId: vars.router_id,
      priority: vars.priority,
      isOwn: true,
    }
  })
}

const further = (
  {name, link, router_id, priority, addresses, unicast}: VrrpVars['instances'][number],
  vars: VrrpVars,
  host: Host,
  peers: readonly Member[],
): Instance => ({
  ...instanceOn({
    link,
    addresses: addresses.map(address => ({address, link})),
    untracked: [],
    unicast: unicast ?? vars.unicast,
    host,
    peers,
  }),
  name,
  routerId: router_id,
  priority: priority ?? vars.priority,
  isOwn: false,
})

type Placement = {
  readonly link: string
  readonly addresses: readonly {readonly address: string; readonly link: string}[]
  /** Links that have addresses and do not count: keepalived would track them because of the addresses. */
  readonly untracked: readonly string[]
  readonly unicast: boolean
  readonly host: Host
  readonly peers: readonly Member[]
}

const instanceOn = ({
  link,
  addresses,
  untracked,
  unicast,
  host,
  peers,
}: Placement): Pick<Instance, 'device' | 'unicast' | 'advertised' | 'excluded'> => {
  const family = instanceFamily(
    addresses.map(({address}) => address),
    unicast ? linkOf(link, host) : undefined,
  )
  const lines = addresses.map(each => ({
    family: familyOf(each.address),
    // Duplicate address detection would hold an IPv6 address back for a second or two after each take-over.
    line: `${each.address} dev ${linkOf(each.link, host).device}${familyOf(each.address) === 6 ? ' -nodad' : ''}${untracked.includes(each.link) ? ' no_track' : ''}`,
  }))
  const of = (wanted: boolean): string[] =>
    lines.filter(each => (each.family === family) === wanted).map(({line}) => line)
  return {
    device: linkOf(link, host).device,
    unicast: unicast
      ? {
          source: addressesOn(host, link, family)[0] ?? '',
          peers: peers.flatMap(peer => addressesOn(peer, link, family).slice(0, 1)),
        }
      : undefined,
    advertised: of(true),
    excluded: of(false),
  }
}

/**
 * VRRP speaks one family per instance: IPv4 where there is a virtual IPv4 address, and, if it has to send to an address, where
 * the link has one.
 */
export const instanceFamily = (addresses: readonly string[], link: Pick<Link, 'addresses'> | undefined): 4 | 6 => {
  const families = ([4, 6] as const).filter(family => addresses.some(address => familyOf(address) === family))
  return (
    families.find(family => link === undefined || link.addresses.some(address => familyOf(address) === family)) ??
    families[0] ??
    4
  )
}

export const addressesOn = ({links}: Pick<Host, 'links'>, link: string, family: 4 | 6): string[] =>
  (links[link]?.addresses ?? []).filter(address => familyOf(address) === family).map(bare)

const requireDevice = (name: string, facts: Facts, host: Host): void => {
  const {device} = linkOf(name, host)
  if (!(device in facts.links))
    throw refuse({
      rule: 'missing-device',
      host: host.name,
      what: `link ${name} is the device ${device}, which this host does not have`,
      why: `it has ${Object.keys(facts.links).join(', ')}`,
      fix: `set links.${name}.device to one of these`,
    })
}

/** A link of the host; `problems` has refused a host without it. */
export const linkOf = (name: string, host: Pick<Host, 'name' | 'links'>): Link => {
  const link = host.links[name]
  if (!link) throw new Error(`${host.name} has no link ${name}`)
  return link
}
