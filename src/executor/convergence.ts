import {type Change, readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import {leaveAsItIs, placeOf} from '../resources/settled.ts'
import type {Answers, PlanItem} from './plan.ts'

/** What a probe after apply says of an item that was changed. */
export type Convergence =
  | {readonly is: 'as desired'}
  /** This host cannot have it, which only applying could tell. */
  | {readonly is: 'unsupported'; readonly reason: string}
  | {readonly is: 'failed'; readonly reason: string; readonly next: string}

export const convergenceOf = (items: readonly PlanItem[], index: number, answers: Answers): Convergence => {
  const {resource, id} = items[index] ?? {}
  if (!resource || id === undefined) return {is: 'as desired'}
  const current = readCurrent(resource, answers.get(id))
  if (current instanceof Unsupported) return {is: 'unsupported', reason: current.reason}
  if (current instanceof Unreadable)
    return {
      is: 'failed',
      reason: `after apply it cannot be told whether it is as desired: ${current.message}`,
      next: 'mend the cause and run the same command again',
    }
  const left = resource.kind.diff(resource.desired, current)
  if (left === 'unknown' || left.length === 0 || isRightWithLater(items.slice(index), answers))
    return {is: 'as desired'}
  return {
    is: 'failed',
    reason: `did not converge: after apply still ${left.map(changeText).join('; ')}`,
    next: 'something on the host undoes it: look at its journal and unit state',
  }
}

/** Other changes about the same path came after the first, and together they leave what is there now. */
const isRightWithLater = (items: readonly PlanItem[], answers: Answers): boolean => {
  const all = items.flatMap(({resource, id}) =>
    resource && answers.has(id) ? [{resource, answer: answers.get(id)}] : [],
  )
  const place = all[0] && placeOf(all[0])
  const chain = place ? all.filter(one => placeOf(one)?.at === place.at) : []
  return chain.length > 1 && leaveAsItIs(chain)
}

const changeText = ({path, from, to}: Change): string => `${path} is ${JSON.stringify(from)}, not ${JSON.stringify(to)}`
