import {zabbix} from '../places.ts'
import {keyOf, type Subject, subjects} from '../zabbix/subjects.ts'

type View = {
  readonly name: string
  readonly address: string
  readonly identity: string
  /** Addresses of those that may ask. */
  readonly servers: readonly string[]
}

const parameters = (Object.keys(subjects) as Subject[]).map(
  subject => `UserParameter=${keyOf(subject)},${zabbix.metrics} '${subjects[subject].join('|')}'`,
)

/** zabbix_agent2.conf: who may ask on the management address, with the key alone; nothing is sent unasked. */
export const zabbixAgentConf = ({name, address, identity, servers}: View): string => `${[
  '# Written by gatewright; changes are overwritten.',
  `Hostname=${name}`,
  `ListenIP=${address}`,
  `Server=${servers.join(',')}`,
  'TLSAccept=psk',
  'TLSConnect=psk',
  `TLSPSKIdentity=${identity}`,
  `TLSPSKFile=${zabbix.key}`,
  'LogType=console',
  // In /tmp, as by default, another user could be first.
  'ControlSocket=/run/zabbix/agent2.sock',
  'Timeout=10',
  ...parameters,
  `Include=${zabbix.etc}/zabbix_agent2.d/*.conf`,
].join('\n')}
`
