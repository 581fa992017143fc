import {$, type Health, type HealthCheck} from 'gatewright'
import {confOf, library, socketOf, unitOf, vrrpState} from './places.ts'
import type {Context} from './vars.ts'

/** One check for each instance. */
export const health = ({vars}: Pick<Context, 'vars'>): readonly HealthCheck[] => [
  ...vars.servers.map(({name, follow}) => ({
    name: `OpenVPN server ${name}`,
    command: $`
[ -e ${confOf('server', name)} ] || { echo absent; exit 0; }
systemctl is-active -- ${unitOf('server', name)} || :
grep -qF ${`"name":"${follow}","state":"MASTER"`} ${vrrpState} 2>/dev/null && echo master || echo other`,
    parse: ({stdout}: {stdout: string}) => healthOfServer(stdout, follow !== ''),
  })),
  ...vars.clients.map(({name}) => ({
    name: `OpenVPN client ${name}`,
    command: $`
[ -e ${confOf('client', name)} ] || { echo absent; exit 0; }
systemctl show -p ActiveState --value -- ${unitOf('client', name)}
${`${library}/openvpn-tell`} ${socketOf('client', name)} state 2>/dev/null | tail -n 1`,
    parse: ({stdout}: {stdout: string}) => healthOfClient(stdout),
  })),
]

/** A server that follows is down on the backup, and right so. */
export const healthOfServer = (text: string, follows: boolean): Health => {
  const [active = '', state] = text.split('\n')
  if (active === 'absent') return {is: 'absent'}
  const shouldRun = !follows || state === 'master'
  if (active === 'active') return shouldRun ? {is: 'healthy'} : {is: 'sick', reason: 'it runs, and the peer is master'}
  return shouldRun ? {is: 'sick', reason: `it is ${active || 'unknown'}`} : {is: 'healthy'}
}

/**
 * The second line is the answer to `state` (doc/management-notes.txt): `1592410320,RECONNECTING,ping-restart,,,,,`. systemd's
 * StatusText still says that all is done while a client that lost its server tries to reach it again.
 */
export const healthOfClient = (text: string): Health => {
  const [active = '', answer = ''] = text.split('\n')
  if (active === 'absent') return {is: 'absent'}
  if (active !== 'active') return {is: 'sick', reason: `it is ${active || 'unknown'}`}
  const [, state, why] = answer.split(',')
  if (state === 'CONNECTED') return {is: 'healthy'}
  return {is: 'sick', reason: `it is not connected: ${[state, why].filter(Boolean).join(', ') || 'it says nothing'}`}
}
