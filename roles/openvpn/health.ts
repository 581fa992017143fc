import {$, type Health, type HealthCheck} from 'gatewright'
import {confOf, unitOf, vrrpState} from './places.ts'
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
systemctl show -p StatusText --value -- ${unitOf('client', name)}`,
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

/** What OpenVPN tells systemd (sd_notify) when all of a connection is done. */
export const connectedText = 'Initialization Sequence Completed'

export const healthOfClient = (text: string): Health => {
  const [active = '', status = ''] = text.split('\n')
  if (active === 'absent') return {is: 'absent'}
  if (active !== 'active') return {is: 'sick', reason: `it is ${active || 'unknown'}`}
  return status.includes(connectedText)
    ? {is: 'healthy'}
    : {is: 'sick', reason: `it is not connected: ${status || 'it says nothing'}`}
}
