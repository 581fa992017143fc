import type {PlannedItem} from '../events.ts'
import type {Answer, Resource, Step} from '../resources/resource.ts'

/** A task of a role in a plan: code that runs against the host, not a state. */
export type TaskRun = {
  readonly id: string
  /** Runs it in apply; in check only `plan`, when the task has one. */
  run(): Promise<{changed: boolean; message?: string}>
}

/** One line of a host's plan: what is known of it and the steps that realise it. */
export type PlanItem = PlannedItem & {
  /** The account it is probed and realised as; undefined is the login user. */
  readonly become: string | undefined
  readonly resource?: Resource
  readonly task?: TaskRun
  readonly realise: readonly Step[]
  /** After it has changed something, what follows has to be probed again. */
  readonly barrier: boolean
}

/** Resource id -> answer of its probe. */
export type Answers = ReadonlyMap<string, Answer>

/** A resource and the account as which it is probed. */
export type Probed = {readonly resource: Resource; readonly become: string | undefined}

/** The part of an item that goes into events: plain data. */
export const publicItem = (item: PlanItem): PlannedItem => {
  const {resource: _resource, task: _task, realise: _realise, barrier: _barrier, become: _become, ...shown} = item
  return shown
}
