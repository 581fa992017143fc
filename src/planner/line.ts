import type {Position} from '../diagnostic.ts'
import type {TaskRun} from '../executor/plan.ts'
import type {Handler, Resource} from '../resources/resource.ts'

/** Where a line of a host's ordered list comes from. */
export type LineOrigin = {
  readonly play: number
  readonly become: string | undefined
  readonly role?: string
  readonly name?: string
  readonly at?: Position
}

/** One line of a host's ordered list, once its facts are known and before anything is probed. */
export type Line = LineOrigin &
  (
    | {readonly line: 'resource'; readonly resource: Resource}
    /** At the end of its play; `resource` is of the kind `handler`. */
    | {readonly line: 'handler'; readonly handler: Handler; readonly resource: Resource}
    | {readonly line: 'task'; readonly id: string; readonly task: TaskRun; readonly plan?: TaskRun['run']}
    /** Its `when` was false. */
    | {readonly line: 'skipped'; readonly id: string}
  )
