import {cpu, defineRole, memory, type OfferingHost} from 'gatewright'
import {liveProblems} from './live-problems.ts'
import {offers} from './offers.ts'
import {checkPackages} from './parts/checking.ts'
import {exporters} from './parts/exporters.ts'
import {server} from './parts/server.ts'
import {zabbixAgent} from './parts/zabbix-agent.ts'
import {zabbixServer} from './parts/zabbix-server.ts'
import {problems} from './problems.ts'
import {schema} from './schema.ts'
import {isServer} from './vars.ts'
import {watchedHosts} from './watched.ts'

export default defineRole({
  name: 'monitoring',
  schema,
  worksWhenCold: true,
  packages: [
    'prometheus-node-exporter',
    'prometheus-frr-exporter',
    ...checkPackages,
    'prometheus-blackbox-exporter',
    'prometheus-alertmanager',
    'prometheus',
    'zabbix-agent2',
    'postgresql',
    'zabbix-server-pgsql',
    'php8.2-fpm',
    'nginx',
    'zabbix-frontend-php',
  ],
  facts: {cpu, memory},
  problems,
  liveProblems,
  offers,
  resources({vars, host, offers: own, fleet = []}) {
    const all: readonly OfferingHost[] = fleet.length > 0 ? fleet : [{...host, offers: own}]
    const hosts = watchedHosts(all)
    const self = hosts.find(({name}) => name === host.name)
    if (!self) return []
    const isWatching = isServer(vars, host)
    const {agent} = self
    const {zabbix_password: password} = vars
    const servers = hosts.filter(({name}) => vars.servers.includes(name)).map(({address}) => address)
    return [
      ...exporters(self, vars),
      ...(isWatching ? server(self.address, hosts, vars) : []),
      ...(agent ? zabbixAgent({...self, agent}, servers, vars.interval) : []),
      ...(vars.zabbix && isWatching && password !== undefined
        ? zabbixServer(host.name, hosts, {...vars, zabbix_password: password})
        : []),
    ]
  },
})
