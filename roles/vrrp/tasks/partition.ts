import {$, faultTask} from 'gatewright'

const table = 'gatewright_drill_partition'
/** VRRP (RFC 9568, 5.1.1.4). */
const protocol = 112

/** The gateways do not hear each other's advertisements, and everything else works: two masters. A fault for drills. */
const {task, plan, heal} = faultTask('vrrp-partition', () => {
  const chain = (hook: string): string => `add chain inet ${table} ${hook} { type filter hook ${hook} priority -400; }`
  const rule = (hook: string): string => `add rule inet ${table} ${hook} meta l4proto ${protocol} counter drop`
  const lines = [`add table inet ${table}`, chain('input'), chain('output'), rule('input'), rule('output')]
  return {
    what: 'no VRRP advertisement goes out or comes in',
    inject: $`printf '%s\n' ${lines} | nft -f -`,
    heal: $`nft delete table inet ${table} 2>/dev/null || :`,
  }
})
export default task
export {heal, plan}
