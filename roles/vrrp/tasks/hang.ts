import {$, faultTask} from 'gatewright'

/** keepalived stands still, as on a machine that hangs: its addresses stay, and it says nothing. A fault for drills. */
const {task, plan, heal} = faultTask('vrrp-hang', () => ({
  what: 'keepalived stands still (SIGSTOP)',
  inject: $`kill -STOP $(pidof keepalived)`,
  heal: $`kill -CONT $(pidof keepalived) 2>/dev/null || :`,
}))
export default task
export {heal, plan}
