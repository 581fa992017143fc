import type {TaskFunction} from 'gatewright'
import {forget, settled} from '../override.ts'
import {statusOf} from '../status.ts'
import type {MwanVars} from '../view.ts'

/** Ends what mwan.prefer or mwan.drain began. */
const release: TaskFunction<MwanVars> = async context => {
  const {override} = await statusOf(context.$)
  if (override === null) return {changed: false, message: 'no override'}
  await forget(context.$)
  return settled(context, null)
}
export default release

/** Check mode: what would end. */
export const plan: TaskFunction<MwanVars> = async ({$}) => {
  const {override} = await statusOf($)
  return override === null
    ? {changed: false, message: 'no override'}
    : {changed: true, message: `would end: ${override}`}
}
