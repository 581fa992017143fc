import {type Change, readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import type {Answers, PlanItem} from './plan.ts'

/** What a probe after apply says of an item that was changed; no reason: it is as desired. */
export type Convergence =
  | {readonly is: 'as desired'}
  /** This host cannot have it, which only applying could tell. */
  | {readonly is: 'unsupported'; readonly reason: string}
  | {readonly is: 'failed'; readonly reason: string; readonly next: string}

export const convergenceOf = ({resource, id}: PlanItem, answers: Answers): Convergence => {
  if (!resource) return {is: 'as desired'}
  const current = readCurrent(resource, answers.get(id))
  if (current instanceof Unsupported) return {is: 'unsupported', reason: current.reason}
  if (current instanceof Unreadable)
    return {
      is: 'failed',
      reason: `after apply it cannot be told whether it is as desired: ${current.message}`,
      next: 'mend the cause and run the same command again',
    }
  const left = resource.kind.diff(resource.desired, current)
  if (left === 'unknown' || left.length === 0) return {is: 'as desired'}
  return {
    is: 'failed',
    reason: `did not converge: after apply still ${left.map(changeText).join('; ')}`,
    next: 'something on the host undoes it: look at its journal and unit state',
  }
}

const changeText = ({path, from, to}: Change): string => `${path} is ${JSON.stringify(from)}, not ${JSON.stringify(to)}`
