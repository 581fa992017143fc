import {$, directory, file, handler, pkg, type Resource, Secret, service} from 'gatewright'
import {zabbix} from '../places.ts'
import {metricsJson} from '../programs/metrics-json.ts'
import {zabbixAgentConf} from '../templates/zabbix-agent-conf.ts'
import type {Watched} from '../watched.ts'
import {patientDropIn} from './patient-drop-in.ts'

/** The agent of a host, which answers on the management address to those who have its key. */
export const zabbixAgent = (
  {name, address, agent}: Watched & {readonly agent: NonNullable<Watched['agent']>},
  servers: readonly string[],
  interval: number,
): readonly Resource[] => {
  const restart = handler(service.restart('zabbix-agent2'))
  const conf = `${zabbix.etc}/zabbix_agent2.conf`
  return [
    pkg({
      name: 'zabbix-agent2',
      provides: {units: ['zabbix-agent2'], users: ['zabbix'], groups: ['zabbix'], files: [conf]},
    }),
    directory({path: '/usr/local/lib/gatewright'}),
    file({path: zabbix.metrics, content: metricsJson(interval), mode: '0755'}),
    file({
      path: zabbix.key,
      content: new Secret(`${agent.key.reveal().toLowerCase()}\n`),
      group: 'zabbix',
      mode: '0640',
      notify: [restart],
    }),
    file({
      path: conf,
      content: zabbixAgentConf({name, address, identity: agent.identity, servers}),
      validate: candidate => $`zabbix_agent2 -c ${candidate} -t agent.ping >/dev/null`,
      notify: [restart],
    }),
    ...patientDropIn('zabbix-agent2', restart),
    service({name: 'zabbix-agent2', enabled: true, running: true}),
  ]
}
