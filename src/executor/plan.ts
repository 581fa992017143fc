import type {Position} from '../diagnostic.ts'
import type {PlannedItem} from '../events.ts'
import type {Provides} from '../resources/foresight.ts'
import type {Answer, Guard, Resource, Step} from '../resources/resource.ts'

/** A task of a role in a plan: code that runs against the host, not a state. */
export type TaskRun = {
  readonly id: string
  /** Runs it in apply; in check only `plan`, when the task has one. */
  run(): Promise<{changed: boolean; message?: string}>
}

/**
 * What a task has come to, as `register` keeps it, under Ansible's names. `stdout`, `stderr`, their `_lines` and `rc` are of
 * commands; `results` are the rounds of a loop.
 */
export type Registered = Readonly<Record<string, unknown>> & {
  readonly changed: boolean
  readonly failed: boolean
  readonly skipped?: boolean
  readonly msg?: string
  readonly results?: readonly Registered[]
}

/** How a result is judged, where the playbook says so; each throws InvalidInput. */
export type Judge = {
  /** `changed_when: false`: it is carried out and changes nothing. */
  readonly changesNothing?: boolean
  changed?(result: Registered): boolean
  failed?(result: Registered): boolean
  /** It is done again until this holds, `retries` times at most, `delayMs` apart. */
  readonly until?: {holds(result: Registered): boolean; readonly retries: number; readonly delayMs: number}
}

/** A `block:` of a playbook; its identity is the object itself. */
export type Block = {readonly name?: string; readonly at: Position; readonly hasRescue: boolean}
/** One block around an entry, and the part of it in which the entry stands. */
export type InBlock = {readonly block: Block; readonly part: 'body' | 'rescue' | 'always'}

/** Where a line of a host's ordered list comes from, and what surrounds it. */
export type LineOrigin = {
  readonly play: number
  readonly become: string | undefined
  readonly role?: string
  readonly name?: string
  readonly at?: Position
  /** Place of its entry in the host's ordered list; the lines of one entry share it. */
  readonly slot: number
  /** Enclosing blocks, outermost first. */
  readonly blocks: readonly InBlock[]
  /** Host on whose connection it is done, where that is another one. */
  readonly on?: string
  /** It was made of results that are predicted, or waits for results: it is made anew when they are there. */
  readonly isProvisional?: boolean
  /** Handlers that are tasks, each known by its entry. */
  readonly notifies?: readonly object[]
  /** The handler that it is a line of. */
  readonly handles?: object
  readonly noLog?: boolean
  /** Its failure ends the run of all hosts. */
  readonly anyErrorsFatal?: boolean
  readonly unit?: Unit
}

/** The item of a loop, under the name of its variable; `more` are `index_var` and `ansible_loop`, where they are wanted. */
export type LoopItem = {
  readonly name: string
  readonly value: unknown
  readonly more?: Readonly<Record<string, unknown>>
}

/** One round of a task of a playbook, and what the playbook wants of its result. */
export type Unit = {
  readonly round: number
  readonly isLoop: boolean
  readonly item?: LoopItem
  readonly judge: Judge
  readonly ignoreErrors: boolean
  /** Its result is kept. */
  readonly registers: boolean
  readonly environment: Readonly<Record<string, string>>
}

/** One line of a host's plan: what is known of it and the steps that realise it. */
export type PlanItem = PlannedItem & {
  readonly origin: LineOrigin
  /** The account it is probed and realised as; undefined is the login user. */
  readonly become: string | undefined
  readonly resource?: Resource
  readonly task?: TaskRun
  readonly realise: readonly Step[]
  /** After it has changed something, what follows has to be probed again. */
  readonly barrier: boolean
  /** What its steps leave behind for those that come later. */
  readonly provides?: Provides
  /** It can cut the way to the host: how it is taken back unless a new login confirms it. */
  readonly guard?: Guard
  /** What it comes to without anything being done: debug, assert, fail, and what is skipped. */
  readonly result?: Registered
}

/** Apply has something to carry out for it, though perhaps nothing that counts as a change. */
export const isDue = ({realise, task}: PlanItem): boolean => realise.length > 0 || task !== undefined

/** Its plan does not depend on what the host is like: an act without a condition, or nothing on the host at all. */
export const isBlind = (item: PlanItem): boolean =>
  item.resource === undefined ? true : item.resource.kind.act === true && item.changes.length === 0 && isDue(item)

/** It has to be a request of its own: what comes of it decides what happens next. */
export const isAlone = ({origin: {unit}}: PlanItem): boolean =>
  unit !== undefined && (unit.ignoreErrors || unit.judge.failed !== undefined || unit.judge.until !== undefined)

/** Key of a probe -> its answer. */
export type Answers = ReadonlyMap<string, Answer>

/** A resource, and the account and host at which it is probed. */
export type Probed = {
  /** Unique in a plan: its id, and the host where that is another one. */
  readonly key: string
  readonly resource: Resource
  readonly become: string | undefined
  readonly on?: string
}

export const keyOf = (id: string, on: string | undefined): string => (on === undefined ? id : `${id} on ${on}`)

/** What a run has come to on a host so far. */
export type Progress = {
  readonly answers: Answers
  readonly done: readonly PlanItem[]
  /** So many items were done when the answers were given. */
  readonly since: number
  /** Slot -> result, of what has really ended. */
  readonly results: ReadonlyMap<number, Registered>
  readonly troubles: Troubles
}

/** What failures have made of the blocks of a host. */
export type Troubles = {
  /** Their body failed, their rescue runs. */
  readonly rescued: ReadonlySet<Block>
  /** A failure passes through them outwards: only what they always do is left. */
  readonly broken: ReadonlySet<Block>
  /** Nothing of them is left. */
  readonly dead: ReadonlySet<Block>
  /** Nobody has rescued it: what is always done is all that is left of the host's run. */
  readonly ends: boolean
  /** The last failed result, for rescue. */
  readonly failed?: {readonly task: string; readonly result: Registered}
}

/** A plan, and what has to be asked before it can be made further. */
export type Planned = {
  readonly items: PlanItem[]
  readonly probes: readonly Probed[]
  /** Tasks that can say what they would do, in check mode. */
  readonly tasks: readonly {readonly id: string; plan(): Promise<void>}[]
}

/** Makes the plan of a host from what is known; pure but for what it remembers of earlier calls. */
export type Program = (progress: Progress) => Planned

/** The part of an item that goes into events: plain data. */
export const publicItem = (item: PlanItem): PlannedItem => {
  const {
    resource: _resource,
    task: _task,
    realise: _realise,
    barrier: _barrier,
    become: _become,
    origin: _origin,
    result: _result,
    provides: _provides,
    guard: _guard,
    ...shown
  } = item
  return shown
}
