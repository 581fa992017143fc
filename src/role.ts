import type {FromSchema, JSONSchema} from 'json-schema-to-ts'
import type {Diagnosis} from './diagnose/model.ts'
import {type Diagnostic, InvalidInput} from './diagnostic.ts'
import type {Fact, FactValues} from './facts/fact.ts'
import type {Answer, Handler, Resource} from './resources/resource.ts'
import type {Command} from './shell/command.ts'
import type {Secret} from './shell/secret.ts'

export type Link = {
  readonly device: string
  /** With prefix length: `10.10.0.2/24`. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  /** Contracted rate in Mbit/s. */
  readonly rate?: number
  /** Largest packet in bytes; 1500 unless given. */
  readonly mtu?: number
}

/** What a role sees of the host that it describes, and of the other hosts of its pair. Never facts. */
export type Host = {
  readonly name: string
  readonly pair: string | undefined
  readonly site: string | undefined
  readonly links: Readonly<Record<string, Link>>
  /** It stands elsewhere for this pair, and does nothing until it is activated (ADR 28). */
  readonly standsInFor?: string
}
export type Peer<Vars> = Host & {readonly vars: Vars}

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

/**
 * What the health gates of a pair ask a host before and after it is changed. `command` is inert, as that of a fact. Absent: this
 * role was never applied to the host, which is no sickness. `holds`: the host carries the traffic now (VRRP master).
 */
export type HealthCheck = {
  /** Unique on the host, as people say it: `conntrackd`, `BGP session with 192.0.2.1`. */
  readonly name: string
  readonly command: Command
  parse(answer: Answer): Health
}
export type Health = {readonly is: 'healthy' | 'sick' | 'absent'; readonly reason?: string; readonly holds?: boolean}

export type OfferContext<Vars> = {
  readonly vars: Vars
  readonly host: Host
  readonly peers: readonly Peer<Vars>[]
  /** Hosts of the inventory outside of the pair that this role is applied to. */
  readonly others: readonly Peer<Vars>[]
}
/** What rules see besides: the tunnels that all roles of the host make. */
export type ProblemContext<Vars> = OfferContext<Vars> & {readonly tunnels?: readonly Tunnel[]}
export type RoleContext<Vars, Facts> = Omit<OfferContext<Vars>, 'others'> & {
  readonly facts: Facts
  readonly offers: readonly Offer[]
  /** Every host of the inventory with its offers, this one too: for a role whose host looks after others. */
  readonly fleet?: readonly OfferingHost[]
}
export type OfferingHost = Host & {readonly offers: readonly Offer[]}

type FactMap = Record<string, Fact<any>>

/** A role: values only. `resources` is pure; the same input gives the same list. */
export type Role<Vars = any, Facts extends FactMap = any, LiveFacts extends FactMap = any> = {
  readonly name: string
  /** JSON Schema of its variables, without the role's prefix: `vrrp_advert_interval` is `advert_interval` here. */
  readonly schema: JSONSchema
  /** Every Debian package that it may install. */
  readonly packages: readonly string[]
  readonly facts: Facts
  offers(context: OfferContext<Vars>): readonly Offer[]
  /** Rules over the variables of this host and its peers, before connecting: `variable: sentence`. */
  problems(context: ProblemContext<Vars>): readonly RoleProblem[]
  resources(context: RoleContext<Vars, FactValues<Facts>>): readonly Resource[]
  /** What tells whether the host does its part of the pair. */
  health(context: OfferContext<Vars>): readonly HealthCheck[]
  /** Facts for these rules that only the variables tell how to ask, in the same request. */
  liveFacts(context: OfferContext<Vars>): LiveFacts
  /** Rules over what was found on the hosts of a pair, before anything is changed. */
  liveProblems(context: LiveContext<Vars, FactValues<Facts> & FactValues<LiveFacts>>): readonly LiveProblem[]
  /** What its daemons write down when something fails over. */
  readonly events: readonly EventSource[]
  /** What it knows of complaints: questions, and what their answers mean. */
  readonly diagnosis: Diagnosis<Vars>
  /** It protects or watches the host itself, and so is at work on a cold standby too. */
  readonly worksWhenCold: boolean
}

/** A host of a pair and those of its peers whose facts are there. */
export type LiveContext<Vars, Facts> = {
  readonly vars: Vars
  readonly host: Host
  readonly facts: Facts
  /** What all roles offer on this host. */
  readonly offers: readonly Offer[]
  readonly peers: readonly (Peer<Vars> & {readonly facts: Facts})[]
}

/** `variable` (without prefix) is where the problem stands; `rule` a stable id such as `vrrp-budget`. */
export type RoleProblem = {
  readonly rule: string
  readonly variable: string
  readonly what: string
  readonly fix?: string
  /** The other place of a contradiction: the same variable, unless another is named, on another host. */
  readonly also?: {readonly host: string; readonly variable?: string}
}

/** `isAdvice`: the run says it and goes on, because the pair can work so for a while, or the run itself may mend it. */
export type LiveProblem = RoleProblem & {readonly isAdvice?: true}

type VarsOf<Schema> = Schema extends JSONSchema ? WithSecrets<FromSchema<Schema>, Schema> : never

/** A `Secret` where the schema says `secret: true`. */
type WithSecrets<Value, Schema> = Schema extends {secret: true}
  ? Secret
  : Schema extends {properties: infer Parts}
    ? {[Key in keyof Value]: Key extends keyof Parts ? WithSecrets<Value[Key], Parts[Key]> : Value[Key]}
    : Schema extends {items: infer Item}
      ? {[Key in keyof Value]: WithSecrets<Value[Key], Item>}
      : Value

const none = (): readonly LiveProblem[] => []
/** On a host that stands in for a pair the role has its files, and no unit that runs, until the host is activated. */
export const isResting = ({worksWhenCold}: Pick<Role, 'worksWhenCold'>, {standsInFor}: Host): boolean =>
  standsInFor !== undefined && !worksWhenCold
/** A role that compares what was found on the hosts of a pair. */
export const judgesPairs = (role: Role): boolean => role.liveProblems !== none

/** Declares a role; the type of `vars` is inferred from the schema literal. */
export const defineRole = <
  const Schema,
  Facts extends FactMap = Record<never, never>,
  LiveFacts extends FactMap = Record<never, never>,
>(role: {
  name: string
  schema: Schema
  packages?: readonly string[]
  facts?: Facts
  offers?(context: OfferContext<VarsOf<Schema>>): readonly Offer[]
  problems?(context: ProblemContext<VarsOf<Schema>>): readonly RoleProblem[]
  resources(context: RoleContext<VarsOf<Schema>, FactValues<Facts>>): readonly Resource[]
  health?(context: OfferContext<VarsOf<Schema>>): readonly HealthCheck[]
  liveFacts?(context: OfferContext<VarsOf<Schema>>): LiveFacts
  liveProblems?(context: LiveContext<VarsOf<Schema>, FactValues<Facts> & FactValues<LiveFacts>>): readonly LiveProblem[]
  events?: readonly EventSource[]
  diagnosis?: Diagnosis<VarsOf<Schema>>
  worksWhenCold?: boolean
}): Role<VarsOf<Schema>, Facts, LiveFacts> => ({
  packages: [],
  offers: () => [],
  problems: () => [],
  health: () => [],
  liveFacts: () => ({}) as LiveFacts,
  liveProblems: none,
  events: [],
  diagnosis: {observe: () => ({}), steps: []},
  worksWhenCold: false,
  ...role,
  schema: role.schema as JSONSchema,
  facts: role.facts ?? ({} as Facts),
})

/** Makes a handler of `service.reload(unit)` or `service.restart(unit)`. */
export const handler = ({unit, action}: Omit<Handler, 'id'>): Handler => ({id: `${action} ${unit}`, unit, action})

/** What a task of a role gets. `$` is zx's, bound to the host. */
export type TaskContext<Vars = any> = {
  readonly $: import('zx').Shell
  readonly vars: Vars
  readonly host: Host
  readonly facts: Readonly<Record<string, unknown>>
  readonly peers: readonly (Peer<Vars> & {
    /** Runs `task` with `$` bound to this peer. */
    run<Result>(task: ($: import('zx').Shell) => Promise<Result>): Promise<Result>
  })[]
  /** Names of the hosts that the task runs on in this play. */
  readonly hosts: readonly string[]
  /** Arguments given in the playbook (`args:`) or on the command line (`-e`). */
  readonly args: Readonly<Record<string, unknown>>
  /** A line of progress. */
  log(message: string): void
  /** What the health checks of all roles of the host say now. */
  health(): Promise<readonly (Health & {readonly name: string})[]>
}
export type TaskResult = {readonly changed: boolean; readonly message?: string}
export type TaskFunction<Vars = any> = (context: TaskContext<Vars>) => Promise<TaskResult>

/** A refusal that only the facts of a host could tell: `throw refuse({...})` in a view stops that host before any change. */
export const refuse = (diagnostic: Diagnostic): InvalidInput => new InvalidInput([diagnostic])

/** Lines of a unit's journal that mean something for a failover: the time line of a drill is made of them. */
export type EventSource = {
  /** systemd unit, or the tag of `logger -t` with `tag: true`. */
  readonly unit: string
  readonly tag?: boolean
  /** What speaks: `VRRP`, `BGP`, `BFD`, `uplink`, `conntrack`. */
  readonly kind: string
  /** The line in a few words; undefined: it means nothing. */
  says(line: string): string | undefined
  /** What is wrong with the pair, as a sentence for an operator, where the line is one that no sound pair writes: a drill fails then. */
  wrong?(line: string): string | undefined
}
