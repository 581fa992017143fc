import type {PlanItem} from '../executor/plan.ts'
import type {Handler} from '../resources/resource.ts'

type Reason = {readonly run: false; readonly why?: string} | {readonly run: true; readonly why: string}

/** Why a handler runs that nothing in this run notifies. */
export const olderConfiguration = 'it runs with an older configuration, left by an earlier run or hand'

/**
 * Whether a handler has to run at the end of its play, and why. A unit that is started after the last change has read it
 * already, and so does a handler of an earlier play; a restart makes a reload of the same unit needless; a unit that does not run has nothing to reload.
 */
export const handlerReason = (
  handler: Handler,
  play: number,
  before: readonly PlanItem[],
  unit: {readonly active: boolean; readonly stale: boolean},
): Reason => {
  const changed = before.map((item, index) => ({item, index})).filter(({item}) => item.verdict === 'changed')
  const own = [`handler restart ${handler.unit}`, `handler ${handler.id}`]
  // Handlers may be flushed in the middle of a play: what was changed before counts no more.
  const flushed = changed.findLast(({item}) => own.includes(item.id))?.index ?? -1
  const notifiers = changed.filter(({item, index}) => item.play === play && index > flushed && notifies(item, handler))
  const last = notifiers.at(-1)?.index ?? -1
  const states = changed.filter(({item}) => item.kind === 'service' && item.resource?.desired.name === handler.unit)
  const started = states.findLast(({item}) => runs(item, true))
  const stopped = states.findLast(({item}) => runs(item, false))
  const restart = changed.find(({item, index}) => item.id === own[0] && item.play === play && index > last)
  if (handler.action === 'reload' && restart) return {run: false, why: 'restarted instead'}
  if (notifiers.length === 0 && (!unit.stale || flushed >= 0)) return {run: false}
  if (started && started.index > last) return {run: false, why: 'started after the last change'}
  if (stopped || (!unit.active && !started)) return {run: false, why: `${handler.unit} does not run`}
  if (notifiers.length === 0) return {run: true, why: olderConfiguration}
  return {run: true, why: `changed: ${notifiers.map(({item}) => item.id).join(', ')}`}
}

const notifies = (item: PlanItem, handler: Handler): boolean =>
  item.resource?.notify.some(({id}) => id === handler.id) ?? false

const runs = (item: PlanItem, to: boolean): boolean =>
  item.changes.some(change => change.path === 'running' && change.to === to)
