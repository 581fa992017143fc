import {yamlText} from 'gatewright'
import {ports, rulesFile, socketAt} from '../places.ts'
import {groupOf, placeOf} from '../rules/rule.ts'
import type {MonitoringVars} from '../vars.ts'
import {type Watched, watchesOf} from '../watched.ts'

type Target = {readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>>}
type View = {
  readonly hosts: readonly Watched[]
  /** Where Prometheus, Alertmanager and the blackbox exporter of this server listen. */
  readonly own: string
  readonly vars: Pick<MonitoringVars, 'interval' | 'servers'>
}

/** prometheus.yml: who is asked, under the names that the inventory has for them. */
export const prometheusYml = ({hosts, own, vars}: View): string => {
  const alertmanager = socketAt(own, ports.alertmanager)
  const job = (name: string, port: number, of: readonly Watched[]) =>
    of.length === 0
      ? []
      : [{job_name: name, static_configs: of.map(host => at(socketAt(host.address, port), placeOf(host)))}]
  const routers = hosts.filter(host => watchesOf(host, 'bgp').length > 0)
  const servers = hosts.filter(({name}) => vars.servers.includes(name))
  return yamlText({
    global: {
      scrape_interval: `${vars.interval}s`,
      scrape_timeout: `${vars.interval}s`,
      evaluation_interval: `${vars.interval}s`,
    },
    rule_files: [rulesFile],
    alerting: {alertmanagers: [{static_configs: [{targets: [alertmanager]}]}]},
    scrape_configs: [
      ...job('node', ports.node, hosts),
      ...job('frr', ports.frr, routers),
      ...job('prometheus', ports.prometheus, servers),
      ...job('alertmanager', ports.alertmanager, servers),
      ...probeJobs(hosts, socketAt(own, ports.blackbox)),
    ],
  })
}

const at = (target: string, labels: Readonly<Record<string, string>>): Target => ({targets: [target], labels})

/** Each probe once, whichever gateway of the pair named it. */
const probeJobs = (hosts: readonly Watched[], exporter: string): readonly object[] =>
  (['icmp', 'tcp', 'http'] as const).flatMap(module => {
    const probes = new Map<string, Target>()
    for (const host of hosts)
      for (const {name, address, by} of watchesOf(host, 'probe'))
        if (by === module && address !== undefined)
          probes.set(`${host.pair ?? host.name} ${name}`, at(address, {...groupOf(host), probe: name}))
    if (probes.size === 0) return []
    return [
      {
        job_name: `probe-${module}`,
        metrics_path: '/probe',
        params: {module: [module]},
        static_configs: [...probes.values()],
        relabel_configs: [
          {source_labels: ['__address__'], target_label: '__param_target'},
          {source_labels: ['__param_target'], target_label: 'target'},
          {target_label: '__address__', replacement: exporter},
        ],
      },
    ]
  })

/** blackbox.yml: the ways to ask. */
export const blackboxYml = yamlText({
  modules: {
    icmp: {prober: 'icmp', timeout: '2s'},
    tcp: {prober: 'tcp', timeout: '3s'},
    http: {prober: 'http', timeout: '5s', http: {preferred_ip_protocol: 'ip4'}},
  },
})
