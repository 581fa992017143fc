import type {TaskFunction} from 'gatewright'

/** Has keepalived read its configuration again, and nftables its tables, as after a change of nothing. */
const reload: TaskFunction = async ({$}) => {
  await $`systemctl reload keepalived`
  await $`systemctl restart gatewright-nft`
  return {changed: false, message: 'keepalived and the packet filter have read their configuration again'}
}
export default reload

/** Check mode: what would be done. */
export const plan: TaskFunction = async () => ({
  changed: true,
  message: 'keepalived and the packet filter would read their configuration again',
})
