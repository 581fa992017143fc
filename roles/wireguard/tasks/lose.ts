import {$, faultTask} from 'gatewright'
import {portOf, type WireguardVars} from '../view.ts'

const table = 'gatewright_drill_wireguard'

/**
 * No packet of a tunnel (`device=wg0`) goes out or comes in, its device stays: what only signs of life within it notice. A fault for
 * drills.
 */
const {task, plan, heal} = faultTask<WireguardVars>('wireguard-lose', ({args, vars, host}) => {
  const device = vars.devices.find(({name}) => name === args['device'])
  if (!device)
    throw new Error(
      `device=${JSON.stringify(args['device'] ?? '')} is no tunnel of ${host.name}: one of ${vars.devices.map(({name}) => name).join(', ') || 'none'} is needed`,
    )
  const port = portOf(device)
  const lines = [
    `add table inet ${table}`,
    `add chain inet ${table} input { type filter hook input priority -400; }`,
    `add chain inet ${table} output { type filter hook output priority -400; }`,
    `add rule inet ${table} input udp dport ${port} counter drop`,
    `add rule inet ${table} output udp sport ${port} counter drop`,
  ]
  return {
    what: `no packet of the WireGuard tunnel ${device.name} (UDP port ${port}) goes out or comes in`,
    inject: $`printf '%s\n' ${lines} | nft -f -`,
    heal: $`nft delete table inet ${table} 2>/dev/null || :`,
  }
})
export default task
export {heal, plan}
