import type {FromSchema, JSONSchema} from 'json-schema-to-ts'
import {type Diagnostic, InvalidInput} from './diagnostic.ts'
import type {Fact, FactValues} from './facts/fact.ts'
import type {Handler, Resource} from './resources/resource.ts'
import type {Secret} from './shell/secret.ts'

export type Link = {
  readonly device: string
  /** With prefix length: `10.10.0.2/24`. */
  readonly addresses: readonly string[]
  readonly gateway?: string
  /** Contracted rate in Mbit/s. */
  readonly rate?: number
}

/** What a role sees of the host that it describes, and of the other hosts of its pair. Never facts. */
export type Host = {
  readonly name: string
  readonly pair: string | undefined
  readonly site: string | undefined
  readonly links: Readonly<Record<string, Link>>
}
export type Peer<Vars> = Host & {readonly vars: Vars}

/** A typed contribution of one role to others, addressed to the host that offers it. */
export type Offer =
  | {
      readonly offer: 'flow'
      readonly protocol: string
      readonly port?: number
      readonly from: readonly string[]
      readonly link?: string
    }
  | {readonly offer: 'sysctl'; readonly key: string; readonly value: string | number}
export const flow = (flow: Omit<Extract<Offer, {offer: 'flow'}>, 'offer'>): Offer => ({offer: 'flow', ...flow})
export const sysctlOffer = (key: string, value: string | number): Offer => ({offer: 'sysctl', key, value})

export type OfferContext<Vars> = {readonly vars: Vars; readonly host: Host; readonly peers: readonly Peer<Vars>[]}
export type RoleContext<Vars, Facts> = OfferContext<Vars> & {readonly facts: Facts; readonly offers: readonly Offer[]}

type FactMap = Record<string, Fact<any>>

/** A role: values only. `resources` is pure; the same input gives the same list. */
export type Role<Vars = any, Facts extends FactMap = any> = {
  readonly name: string
  /** JSON Schema of its variables, without the role's prefix: `vrrp_advert_interval` is `advert_interval` here. */
  readonly schema: JSONSchema
  /** Every Debian package that it may install. */
  readonly packages: readonly string[]
  readonly facts: Facts
  offers(context: OfferContext<Vars>): readonly Offer[]
  /** Rules over the variables of this host and its peers, before connecting: `variable: sentence`. */
  problems(context: OfferContext<Vars>): readonly RoleProblem[]
  resources(context: RoleContext<Vars, FactValues<Facts>>): readonly Resource[]
}

/** `variable` (without prefix) is where the problem stands; `rule` a stable id such as `vrrp-budget`. */
export type RoleProblem = {
  readonly rule: string
  readonly variable: string
  readonly what: string
  readonly fix?: string
}

type VarsOf<Schema> = Schema extends JSONSchema ? WithSecrets<FromSchema<Schema>, Schema> : never

/** A `Secret` where the schema says `secret: true`. */
type WithSecrets<Value, Schema> = Schema extends {secret: true}
  ? Secret
  : Schema extends {properties: infer Parts}
    ? {[Key in keyof Value]: Key extends keyof Parts ? WithSecrets<Value[Key], Parts[Key]> : Value[Key]}
    : Schema extends {items: infer Item}
      ? {[Key in keyof Value]: WithSecrets<Value[Key], Item>}
      : Value

/** Declares a role; the type of `vars` is inferred from the schema literal. */
export const defineRole = <const Schema, Facts extends FactMap = Record<never, never>>(role: {
  name: string
  schema: Schema
  packages?: readonly string[]
  facts?: Facts
  offers?(context: OfferContext<VarsOf<Schema>>): readonly Offer[]
  problems?(context: OfferContext<VarsOf<Schema>>): readonly RoleProblem[]
  resources(context: RoleContext<VarsOf<Schema>, FactValues<Facts>>): readonly Resource[]
}): Role<VarsOf<Schema>, Facts> => ({
  packages: [],
  offers: () => [],
  problems: () => [],
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
}
export type TaskResult = {readonly changed: boolean; readonly message?: string}
export type TaskFunction<Vars = any> = (context: TaskContext<Vars>) => Promise<TaskResult>

/** A refusal that only the facts of a host could tell: `throw refuse({...})` in a view stops that host before any change. */
export const refuse = (diagnostic: Diagnostic): InvalidInput => new InvalidInput([diagnostic])
