import {failItem} from './fail-item.ts'
import {HostFailure} from './host-failure.ts'
import type {HostPlan} from './host-plan.ts'
import {isBlind, isDue, type PlanItem} from './plan.ts'
import {itemResult} from './result.ts'
import type {Placed} from './stages.ts'
import {tryUntil} from './try-until.ts'

export type AloneContext = {
  readonly signal: AbortSignal
  /** Does it, for the `attempt`th time from 0. */
  readonly carryOut: (stage: readonly Placed[], attempt: number) => Promise<void>
}

/** A task whose result decides what it means: it is tried until it holds, judged, and its failure may be ignored. */
export const runAlone = async (plan: HostPlan, index: number, {signal, carryOut}: AloneContext): Promise<void> => {
  plan.pass(index - 1)
  const item = plan.items[index]
  const judge = item?.origin.unit?.judge
  if (!item || !judge) return
  const attempted = (now: PlanItem, failed: HostFailure | undefined): PlanItem => {
    if (now.task && !failed) return plan.items[index] ?? now
    const verdict = failed ? 'failed' : isDue(now) && !judge.changesNothing ? 'changed' : 'ok'
    return {...now, verdict, ...(failed && {reason: failed.message})}
  }
  const {result, failure} = await tryUntil({
    judge,
    signal,
    attempt: async attempt => {
      if (attempt > 0 && !isBlind(item)) await plan.revise()
      const now = plan.items[index] ?? item
      let failed: HostFailure | undefined
      try {
        if (isDue(now)) await carryOut([{item: now, index}], attempt)
      } catch (error) {
        if (!(error instanceof HostFailure) || error.status !== 'failed') throw error
        failed = error
      }
      const result = itemResult(attempted(now, failed), plan.outcomes.outputs.get(index))
      return {result: result ?? {changed: false, failed: false}, failure: failed}
    },
  })
  plan.isStale ||= item.barrier
  if (failure) return failItem(plan, index, failure, result)
  plan.settle(index, result.changed ? 'changed' : 'ok', item.task && plan.items[index]?.reason)
  plan.outcomes.judged.set(index, result)
  plan.pass(index)
}
