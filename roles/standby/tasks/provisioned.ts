import type {TaskFunction} from 'gatewright'
import {provisionedStamp} from '../places.ts'
import type {StandbyVars} from '../view.ts'

/** Notes that the host is as the playbook says today: what the audit tells the age of the configuration by. */
const provisioned: TaskFunction<StandbyVars> = async ({$}) => {
  await $`mkdir -p ${provisionedStamp.replace(/\/[^/]*$/, '')} && touch ${provisionedStamp}`
  return {changed: false, message: 'as the playbook says today'}
}
export default provisioned

export const plan: TaskFunction<StandbyVars> = async () => ({changed: false, message: 'it would be noted'})
