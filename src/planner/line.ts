import type {LineOrigin, Registered, TaskRun} from '../executor/plan.ts'
import type {Handler, Resource} from '../resources/resource.ts'

export type {LineOrigin} from '../executor/plan.ts'

/** One line of a host's ordered list, once its facts are known and before anything is probed. */
export type Line = LineOrigin &
  (
    | {readonly line: 'resource'; readonly resource: Resource}
    /** At the end of its play or where handlers are flushed; `resource` is of the kind `handler`. */
    | {readonly line: 'handler'; readonly handler: Handler; readonly resource: Resource}
    | {readonly line: 'task'; readonly id: string; readonly task: TaskRun; readonly plan?: TaskRun['run']}
    /** Its `when` was false, or it has nothing to do here. */
    | {readonly line: 'skipped'; readonly id: string; readonly reason?: string; readonly result?: Registered}
    /** debug, assert, fail. */
    | {
        readonly line: 'said'
        readonly id: string
        readonly message: string
        readonly failed: boolean
        readonly result: Registered
      }
    /** What it is depends on a result that is not there yet. */
    | {readonly line: 'deferred'; readonly id: string; readonly reason: string}
  )
