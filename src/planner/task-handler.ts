import {acts} from '../events.ts'
import type {LineOrigin, PlanItem} from '../executor/plan.ts'

/** Whether something of the play has notified the handler of a line since it was last flushed. */
export const isNotified = (
  {play, slot, handles}: LineOrigin,
  before: readonly PlanItem[],
): 'yes' | 'no' | 'perhaps' => {
  if (!handles) return 'no'
  const flushed = before.findLastIndex(({origin}) => origin.handles === handles && origin.slot !== slot)
  const notifiers = before
    .slice(flushed + 1)
    .filter(item => item.play === play && acts(item) && item.origin.notifies?.includes(handles))
  if (notifiers.some(({verdict}) => verdict === 'changed')) return 'yes'
  return notifiers.length > 0 ? 'perhaps' : 'no'
}
