import type {Audit} from '../audit/model.ts'
import type {Asked} from '../diagnose/judge.ts'
import type {DiagnosisFlow} from '../diagnose/model.ts'
import type {Diagnostic, Position} from '../diagnostic.ts'
import type {DrillTerms, PairDrill} from '../drill/model.ts'
import type {HealthQuestions} from '../executor/health.ts'
import type {InBlock, Judge, LoopItem, Registered} from '../executor/plan.ts'
import type {Fact} from '../facts/fact.ts'
import type {AccessOptions} from '../inventory/target.ts'
import type {Offer} from '../offer.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import type {EventSource, Host, Peer, Role, TaskFunction} from '../role.ts'
import type {Target} from '../transport/transport.ts'
import type {Keyring} from '../vault/keyring.ts'

export type {Block, InBlock, Judge, LoopItem, Registered} from '../executor/plan.ts'

/** What the command line asks for. Paths are as given; `extraVars` are `-e key=value`, YAML or `@file`, in order. */
export type LoadOptions = {
  readonly playbooks: readonly string[]
  readonly inventories: readonly string[]
  readonly limit?: string
  /** Hosts that `@last-failed` in the limit stands for. */
  readonly lastFailed?: readonly string[]
  readonly tags?: readonly string[]
  readonly skipTags?: readonly string[]
  readonly extraVars?: readonly string[]
  /** Directory in which `roles/` and `playbooks/site.yml` of the project are looked for. */
  readonly projectDirectory: string
  /** Passwords of Ansible Vault. */
  readonly keys?: Keyring
  /** Overrides of connection variables by flags. */
  readonly user?: string
  readonly become?: boolean
  readonly access?: AccessOptions
  /** How often -v was given: `debug` may ask for it. */
  readonly verbosity?: number
  /** False: no host will be connected, so that keys and known hosts need not be there. */
  readonly connects?: boolean
  /** Only these scenarios of a drill. */
  readonly scenarios?: readonly string[]
  /** Only this flow of a diagnosis. */
  readonly flow?: string
}

/** One host, everything about it that is final before connecting. */
export type FleetHost = {
  readonly name: string
  readonly groups: readonly string[]
  readonly target: Target
  /** What roles see. */
  readonly host: Host
  /** How long it may take to be healthy again after it was changed. */
  readonly settleSeconds: number
  readonly drillTerms: DrillTerms
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
  /** Undoes a fault. */
  readonly heal?: TaskFunction
  /** Evaluated for a host; throws InvalidInput. */
  argsFor(host: string, known: Known): Readonly<Record<string, unknown>>
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

/** What the run knows of a host when it reaches an entry. */
export type Known = {
  readonly facts: Facts
  /** By name; a name that some entry before registers and that is missing here is known only when that has run. */
  readonly registered: {get(name: string): Registered | undefined}
  /** Facts of another host of the run; undefined where it gathers none. Throws NeedsFactsOf while they are on their way. */
  readonly factsOf?: (host: string) => Facts | undefined
}

/** A handler that is a task: it runs once where something that notifies it has changed. */
export type TaskHandler = {readonly name: string; readonly entry: Entry}

/** One round of a task: of its loop, or the only one. `item` is under the loop's variable, `label` is it as people see it. */
export type Round = {
  readonly item?: LoopItem
  readonly label?: string
} /** Its `when` was false. */ & (
  | {readonly does: 'nothing'}
  /** debug, assert, fail: decided where it is reached, nothing happens on the host. */
  | {readonly does: 'say'; readonly message: string; readonly failed: boolean; readonly result: Registered}
  | {
      readonly does: 'resources'
      readonly resources: readonly Resource[]
      /** Host on whose connection it is done; undefined: the host itself. */
      readonly on?: string
      readonly environment: Readonly<Record<string, string>>
      readonly judge: Judge
    }
)

/** What surrounds an entry and changes how it is carried out. */
export type Control = {
  /** Enclosing blocks, outermost first. */
  readonly blocks: readonly InBlock[]
  /** Whom it becomes on that host. */
  become(host: string): string | undefined
  readonly register?: string
  readonly runOnce: boolean
  readonly noLog: boolean
  readonly anyErrorsFatal: boolean
  ignoreErrors(host: string, known: Known): boolean
  /** Its name on that host, its expressions evaluated as far as they are known. */
  name(host: string, known: Known): string | undefined
  /** Handlers that are tasks, of all rounds; those of units stand in the resources. */
  notifies(host: string, known: Known): readonly TaskHandler[]
}

/**
 * One line of a host's ordered list, before facts are known. What depends on facts or on registered results is decided per
 * host when they are there: `when` and `rounds` throw NeedsResult where a task before has not run yet.
 */
export type Entry = {readonly origin: Origin; readonly control: Control} & (
  | {readonly entry: 'role'; readonly call: RoleCall; when(host: string, known: Known): boolean}
  | {readonly entry: 'rounds'; readonly isLoop: boolean; rounds(host: string, known: Known): readonly Round[]}
  | {readonly entry: 'task'; readonly call: TaskCall; when(host: string, known: Known): boolean}
  /** `meta: flush_handlers` */
  | {readonly entry: 'flush'; when(host: string, known: Known): boolean}
)

/** A handler of a play: of a unit, or a task. */
export type PlayHandler = {readonly of: 'unit'; handler(host: string): Handler} | ({readonly of: 'task'} & TaskHandler)

/** The drill of a pair, with the tasks that its faults name. */
export type DrillCall = {readonly drill: PairDrill; readonly calls: ReadonlyMap<string, TaskCall>}

/** What is asked of a host, and what it is known by when its conditions are evaluated. */
export type HostAudit = {
  readonly audit: Audit
  /** Value of an expression of a control over what was seen. Throws InvalidInput. */
  holds(control: number, key: 'applies' | 'passes', values: Readonly<Record<string, unknown>>, facts: Facts): boolean
}

export type Play = {
  readonly index: number
  readonly name: string
  readonly at: Position
  /** In inventory order, after --limit. */
  readonly hosts: readonly string[]
  readonly gatherFacts: boolean
  /** As whom its facts are gathered on a host; undefined: as the login user. */
  become(host: string): string | undefined
  /** Sizes of the batches in which apply takes the hosts, the last repeated; empty means all at once. */
  readonly serial: readonly number[]
  /** pre_tasks, roles, tasks, post_tasks in order, after --tags and --skip-tags. */
  readonly entries: readonly Entry[]
  /** In the order in which they are defined. */
  readonly handlers: readonly PlayHandler[]
  /** A failed host stops all hosts. */
  readonly anyErrorsFatal: boolean
  /** Per cent of a batch that may fail before the play stops; undefined: with `serial`, none. */
  readonly maxFailPercentage?: number
  /** Drills of its pairs, one after the other. */
  readonly drills?: readonly DrillCall[]
  /** Host name -> what an audit asks of it. */
  readonly audit?: ReadonlyMap<string, HostAudit>
  /** Diagnoses of its pairs. */
  readonly diagnoses?: readonly DiagnosisCall[]
}

/** The hosts of a pair that are looked at, and what for. */
export type DiagnosisCall = {
  readonly pair: string
  readonly hosts: readonly string[]
  readonly flows: readonly DiagnosisFlow[]
}

/** Problems refuse a pair; advice is told, and the run goes on. */
export type LiveFindings = {readonly problems: readonly Diagnostic[]; readonly advice: readonly Diagnostic[]}

/** Everything that is known before the first connection. */
export type Fleet = {
  readonly plays: readonly Play[]
  readonly hosts: ReadonlyMap<string, FleetHost>
  /** Host name -> offers of all roles of the site playbook and the running one, addressed to it. */
  readonly offers: ReadonlyMap<string, readonly Offer[]>
  /** Host name -> health checks of the same roles. */
  readonly health: ReadonlyMap<string, HealthQuestions>
  /** Host name -> what running roles ask for their rules over what was found, beside their facts. */
  readonly liveFacts: ReadonlyMap<string, readonly Fact<unknown>[]>
  /** Host name -> where the same roles write down what fails over. */
  readonly events: ReadonlyMap<string, readonly EventSource[]>
  /** Host name -> what the roles of the site playbook and the running one ask for a diagnosis, beside their facts. */
  readonly observations: ReadonlyMap<string, readonly Fact<unknown>[]>
  /** The steps of these roles on hosts whose facts are there. */
  diagnose(hosts: readonly string[], factsOf: (host: string) => Facts | undefined): readonly Asked[]
  /** What running roles say of a host and those of its peers whose facts are there. */
  liveProblems(host: string, factsOf: (host: string) => Facts | undefined): LiveFindings
}
