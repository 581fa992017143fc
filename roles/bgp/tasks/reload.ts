import type {TaskFunction} from 'gatewright'

/** Has FRR compare what runs with its configuration, as after a change of nothing. */
const reload: TaskFunction = async ({$}) => {
  await $`systemctl reload frr`
  return {changed: false, message: 'FRR has read its configuration again'}
}
export default reload

/** Check mode: what would be done. */
export const plan: TaskFunction = async () => ({changed: true, message: 'FRR would read its configuration again'})
