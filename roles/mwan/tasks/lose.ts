import {$, faultTask} from 'gatewright'
import type {MwanVars} from '../view.ts'

const table = 'gatewright_drill_lose'

/**
 * Nothing from beyond the provider's router comes in over an uplink (`uplink=wan-a`); the router itself answers, and the carrier
 * stays: what BGP with that router does not notice. A fault for drills.
 */
const {task, plan, heal} = faultTask<MwanVars>('mwan-lose', ({args, vars, host}) => {
  const name = typeof args['uplink'] === 'string' ? args['uplink'] : ''
  const uplink = vars.uplinks[name]
  if (!uplink)
    throw new Error(
      `uplink=${JSON.stringify(args['uplink'] ?? '')}: one of ${Object.keys(vars.uplinks).join(', ')} is needed`,
    )
  const link = host.links[uplink.link ?? name]
  const gateway = uplink.gateway ?? link?.gateway
  const rules = [
    gateway === undefined ? 'meta protocol ip drop' : `ip saddr != ${gateway} drop`,
    // Neighbour discovery (RFC 4861) speaks from link-local addresses.
    `ip6 saddr != { fe80::/10${uplink.gateway6 === undefined ? '' : `, ${uplink.gateway6}`} } drop`,
  ]
  const lines = [
    `add table netdev ${table}`,
    `add chain netdev ${table} ingress { type filter hook ingress device "${link?.device ?? name}" priority -500; }`,
    ...rules.map(rule => `add rule netdev ${table} ingress ${rule}`),
  ]
  return {
    what: `nothing from beyond the router of ${name} comes in`,
    inject: $`printf '%s\n' ${lines} | nft -f -`,
    heal: $`nft delete table netdev ${table} 2>/dev/null || :`,
  }
})
export default task
export {heal, plan}
