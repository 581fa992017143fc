import {$, faultTask} from 'gatewright'

const table = 'gatewright_drill_mute'

/**
 * Nothing goes out or comes in over a link (`link=wan-a`), whose carrier stays: what only timers notice. A fault for drills.
 * The table lies in front of all others (nft(8), family netdev), and in none of their files.
 */
const {task, plan, heal} = faultTask('vrrp-mute', ({args, host}) => {
  const {link} = args
  const device = host.links[String(link)]?.device
  if (device === undefined)
    throw new Error(
      `link=${JSON.stringify(link ?? '')} is no link of ${host.name}: ${Object.keys(host.links).join(', ')}`,
    )
  const chain = (hook: string): string =>
    `add chain netdev ${table} ${hook} { type filter hook ${hook} device "${device}" priority -500; policy drop; }`
  return {
    what: `nothing goes out or comes in over ${String(link)}, its carrier stays`,
    inject: $`printf '%s\n' ${[`add table netdev ${table}`, chain('ingress'), chain('egress')]} | nft -f -`,
    heal: $`nft delete table netdev ${table} 2>/dev/null || :`,
  }
})
export default task
export {heal, plan}
