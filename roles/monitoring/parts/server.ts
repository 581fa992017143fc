import {$, file, handler, type Resource, service, sysctl} from 'gatewright'
import {ports, rulesFile, socketAt} from '../places.ts'
import {ruleGroups} from '../rules/index.ts'
import {alertmanagerYml} from '../templates/alertmanager-yml.ts'
import {blackboxYml, prometheusYml} from '../templates/prometheus-yml.ts'
import {rulesYml} from '../templates/rules-yml.ts'
import type {MonitoringVars} from '../vars.ts'
import type {Watched} from '../watched.ts'
import {daemon} from './daemon.ts'

const etc = '/etc/prometheus'

/** Who watches: Prometheus asks all hosts, Alertmanager tells people. Each judges its files by its own checker first. */
export const server = (own: string, hosts: readonly Watched[], vars: MonitoringVars): readonly Resource[] => [
  // icmp(7): a ping without a raw socket, which Debian's package does not give to the exporter; systemd's own default.
  sysctl({key: 'net.ipv4.ping_group_range', value: '0 2147483647'}),
  ...daemon(
    'prometheus-blackbox-exporter',
    [`--web.listen-address=${socketAt(own, ports.blackbox)}`, `--config.file=${etc}/blackbox.yml`],
    restart => [
      file({
        path: `${etc}/blackbox.yml`,
        content: blackboxYml,
        validate: candidate => $`prometheus-blackbox-exporter --config.check --config.file=${candidate}`,
        notify: [restart],
      }),
    ],
  ),
  ...daemon(
    'prometheus-alertmanager',
    [
      `--web.listen-address=${socketAt(own, ports.alertmanager)}`,
      // One alone: it needs no others to agree with.
      '--cluster.listen-address=',
    ],
    () => [
      file({
        path: `${etc}/alertmanager.yml`,
        content: alertmanagerYml(vars),
        validate: candidate => $`amtool check-config ${candidate}`,
        notify: [handler(service.reload('prometheus-alertmanager'))],
      }),
    ],
  ),
  ...daemon(
    'prometheus',
    [
      `--web.listen-address=${socketAt(own, ports.prometheus)}`,
      `--storage.tsdb.retention.time=${vars.retention_days}d`,
    ],
    () => {
      const reload = handler(service.reload('prometheus'))
      return [
        file({
          path: rulesFile,
          content: rulesYml(ruleGroups(hosts, vars)),
          validate: candidate => $`promtool check rules ${candidate}`,
          notify: [reload],
        }),
        file({
          path: `${etc}/prometheus.yml`,
          content: prometheusYml({hosts, own, vars}),
          validate: candidate => $`promtool check config ${candidate}`,
          notify: [reload],
        }),
      ]
    },
  ),
]
