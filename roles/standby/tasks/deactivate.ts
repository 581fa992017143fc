import type {TaskFunction} from 'gatewright'
import {orders} from '../order.ts'
import {program} from '../places.ts'
import type {StandbyVars} from '../view.ts'

/** Gives the place back: stops and masks everything. Refused while the pair does not answer, unless `confirm` is its name. */
const deactivate: TaskFunction<StandbyVars> = async context => {
  const wasActive = await orders(context, 'deactivate')
  const left = (await context.$`${program} status`).stdout.trim()
  if (left !== '') throw new Error(`not at rest: ${left.replaceAll('\n', '; ')}`)
  return {changed: wasActive, message: 'it is cold again'}
}
export default deactivate

export const plan: TaskFunction<StandbyVars> = async ({host}) => ({
  changed: true,
  message: `it would give its place back to ${host.standsInFor}`,
})
