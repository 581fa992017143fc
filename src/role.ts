import type {FromSchema, JSONSchema} from 'json-schema-to-ts'
import type {Diagnosis} from './diagnose/model.ts'
import {type Diagnostic, InvalidInput} from './diagnostic.ts'
import type {Fact, FactValues} from './facts/fact.ts'
import type {Offer, Tunnel} from './offer.ts'
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
