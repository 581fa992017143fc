import type {TaskFunction} from 'gatewright'
import {type Status, statusOf, tableOf} from '../status.ts'

/** A table of the uplinks as the tracker sees them. */
const status: TaskFunction = async context => {
  const found: Status = await statusOf(context.$)
  for (const line of tableOf(found)) context.log(line)
  const down = found.uplinks
    .filter(({state}) => state !== 'up')
    .map(({name, family, state}) => `${name} IPv${family} ${state}`)
  const steering = found.steering ? 'steers' : 'watches'
  return {
    changed: false,
    message: [steering, ...(found.override === null ? [] : [found.override]), down.join(', ') || 'all up'].join('; '),
  }
}
export default status

/** Nothing is changed, so check mode can do the same. */
export const plan = status
