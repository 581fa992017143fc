import {$, faultTask, isAddress} from 'gatewright'
import {isSix, type OpenvpnVars} from '../vars.ts'

const table = 'gatewright_drill_openvpn'

/**
 * No packet of a server or client (`instance=office`) goes out or comes in, its process and device stay: what only signs of life within
 * the tunnel notice. A fault for drills.
 */
const {task, plan, heal} = faultTask<OpenvpnVars>('openvpn-lose', ({args, vars, host}) => {
  const {instance} = args
  const server = vars.servers.find(({name}) => name === instance)
  const client = vars.clients.find(({name}) => name === instance)
  if (!server && !client)
    throw new Error(
      `instance=${JSON.stringify(instance ?? '')} is no tunnel of ${host.name}: one of ${[...vars.servers, ...vars.clients].map(({name}) => name).join(', ') || 'none'} is needed`,
    )
  const rules = [
    ...(server
      ? [`input ${server.protocol} dport ${server.port}`, `output ${server.protocol} sport ${server.port}`]
      : []),
    ...(client?.remotes ?? []).flatMap(({host: far, port, protocol}) => [
      `input ${address('saddr', far)}${protocol} sport ${port}`,
      `output ${address('daddr', far)}${protocol} dport ${port}`,
    ]),
  ]
  const lines = [
    `add table inet ${table}`,
    `add chain inet ${table} input { type filter hook input priority -400; }`,
    `add chain inet ${table} output { type filter hook output priority -400; }`,
    ...rules.map(rule => `add rule inet ${table} ${rule} counter drop`),
  ]
  return {
    what: `no packet of the OpenVPN ${server ? 'server' : 'client'} ${String(instance)} goes out or comes in`,
    inject: $`printf '%s\n' ${lines} | nft -f -`,
    heal: $`nft delete table inet ${table} 2>/dev/null || :`,
  }
})
export default task
export {heal, plan}

/** A name may have any address: its port alone counts then. */
const address = (which: 'saddr' | 'daddr', far: string): string =>
  isAddress(far) ? `${isSix(far) ? 'ip6' : 'ip'} ${which} ${far} ` : ''
