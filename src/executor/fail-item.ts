import type {HostFailure} from './host-failure.ts'
import type {HostPlan} from './host-plan.ts'
import {isDue, type Registered} from './plan.ts'
import {itemResult} from './result.ts'
import {isLeft} from './stages.ts'
import {afterFailure} from './troubles.ts'

/** A failure at an item: ignored, rescued by a block, or the end of this host's run, which it throws. */
export const failItem = async (
  plan: HostPlan,
  index: number,
  failure: HostFailure,
  judged?: Registered,
): Promise<void> => {
  const item = plan.items[index]
  if (!item) throw failure
  plan.pass(index - 1)
  const {blocks, slot, unit} = item.origin
  const failed = {...item, verdict: 'failed', reason: failure.message} as const
  const result = {
    changed: false,
    msg: failure.message,
    ...(judged ?? itemResult(failed, plan.outcomes.outputs.get(index))),
    failed: true,
  }
  plan.outcomes.judged.set(index, result)
  plan.isStale ||= isDue(item)
  if (unit?.ignoreErrors) {
    plan.settle(index, 'ignored', failure.message)
    return plan.pass(index)
  }
  plan.troubles = afterFailure(plan.troubles, blocks, {task: item.name ?? item.id, result})
  plan.settle(index, plan.troubles.ends ? 'failed' : 'rescued', failure.message)
  let last = index
  for (; plan.items[last + 1]?.origin.slot === slot; last++)
    plan.settle(last + 1, 'skipped', 'a round before it failed')
  plan.pass(last)
  failure.isFatal ||= item.origin.anyErrorsFatal === true
  if (plan.troubles.ends) plan.failure ??= failure
  if (blocks.length === 0) throw failure
  await plan.revise()
  if (plan.troubles.ends && !plan.items.slice(plan.done, plan.endOf(item.play)).some(isLeft)) throw failure
}
