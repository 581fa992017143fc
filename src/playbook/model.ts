import type {Position} from '../diagnostic.ts'
import type {Resource} from '../resources/resource.ts'
import type {Host, Offer, Peer, Role, TaskFunction} from '../role.ts'
import type {Target} from '../transport/transport.ts'

/** What the command line asks for. Paths are as given; `extraVars` are `-e key=value`, YAML or `@file`, in order. */
export type LoadOptions = {
  readonly playbooks: readonly string[]
  readonly inventories: readonly string[]
  readonly limit?: string
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly extraVars?: readonly string[]
  /** Directory in which `roles/` and `playbooks/site.yml` of the project are looked for. */
  readonly projectDirectory: string
  /** Overrides of connection variables by flags. */
  readonly user?: string
  readonly become?: boolean
}

/** One host, everything about it that is final before connecting. */
export type FleetHost = {
  readonly name: string
  readonly groups: readonly string[]
  readonly target: Target
  /** What roles see. */
  readonly host: Host
  /** Evaluated inventory variables, for expressions; values that need facts are left out. */
  readonly variables: Readonly<Record<string, unknown>>
}

export type RoleCall = {
  readonly role: Role
  /** The role's own folder, absolute. */
  readonly directory: string
  /** Host name -> validated variables with defaults, for the hosts of the play. */
  readonly vars: ReadonlyMap<string, any>
  /** Host name -> peers of its pair that this role is applied to. */
  readonly peers: ReadonlyMap<string, readonly Peer<any>[]>
}

export type TaskCall = RoleCall & {
  /** `vrrp.switchover` */
  readonly task: string
  readonly run: TaskFunction
  /** What it would do, in check mode; without it a task is `unknown until applied`. */
  readonly plan?: TaskFunction
  /** Evaluated for a host; throws InvalidInput. */
  argsFor(host: string, facts: Facts): Readonly<Record<string, unknown>>
}

export type Facts = Readonly<Record<string, unknown>>

/** Where an entry of a plan comes from. */
export type Origin = {
  readonly play: number
  readonly role?: string
  /** `name:` of the task in the playbook. */
  readonly name?: string
  readonly at?: Position
}

/** One line of a host's ordered list, before facts are known. `when` is decided per host with its facts. */
export type Entry = {readonly origin: Origin; when(host: string, facts: Facts): boolean} & (
  | {readonly entry: 'role'; readonly call: RoleCall}
  | {readonly entry: 'resource'; resourcesFor(host: string, facts: Facts): readonly Resource[]}
  | {readonly entry: 'task'; readonly call: TaskCall}
)

export type Play = {
  readonly index: number
  readonly name: string
  readonly at: Position
  /** In inventory order, after --limit. */
  readonly hosts: readonly string[]
  readonly gatherFacts: boolean
  /** undefined: as the login user. */
  readonly become?: string
  /** Sizes of the batches in which apply takes the hosts, the last repeated; empty means all at once. */
  readonly serial: readonly number[]
  /** pre_tasks, roles, tasks, post_tasks in order, after --tags and --skip-tags. */
  readonly entries: readonly Entry[]
}

/** Everything that is known before the first connection. */
export type Fleet = {
  readonly plays: readonly Play[]
  readonly hosts: ReadonlyMap<string, FleetHost>
  /** Host name -> offers of all roles of the site playbook and the running one, addressed to it. */
  readonly offers: ReadonlyMap<string, readonly Offer[]>
}
