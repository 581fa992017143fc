import {staleSeconds} from '../programs/metrics-json.ts'
import type {MonitoringVars} from '../vars.ts'
import {collectorsOf, type Watched} from '../watched.ts'
import {type Group, orZero, placeOf, type Rule, series} from './rule.ts'

/** Whether what is seen can be believed, and the machines below it all. */
export const truth = (hosts: readonly Watched[], {interval}: Pick<MonitoringVars, 'interval'>): Group => ({
  name: 'truth',
  rules: [
    {
      alert: 'Watchdog',
      expr: 'vector(1)',
      forSeconds: 0,
      severity: 'none',
      summary: 'Alerts get through: this one always fires',
      action: 'when it stops, look at Prometheus and Alertmanager',
    },
    {
      alert: 'HostDown',
      expr: 'max by (host, pair, site) (up{host!=""}) == 0',
      forSeconds: 30,
      severity: 'critical',
      summary: 'No exporter of {{ $labels.host }} answers',
      action: 'is it up? is its management link?',
    },
    {
      alert: 'ExporterDown',
      expr: 'up == 0',
      forSeconds: 30,
      severity: 'warning',
      summary: 'The exporter {{ $labels.job }} of {{ $labels.host }} does not answer: what it tells is not known',
      action: 'systemctl status of it on the host',
    },
    {
      alert: 'TextfileStale',
      expr: `time() - node_textfile_mtime_seconds{file=~".*/gatewright-(fast|checks)-.*"} > ${staleSeconds(interval).fast} or time() - node_textfile_mtime_seconds{file=~".*/gatewright-slow-.*"} > ${staleSeconds(interval).slow}`,
      forSeconds: 0,
      severity: 'warning',
      summary: '{{ $labels.file }} of {{ $labels.host }} is old news',
      action: 'systemctl list-timers gatewright-monitoring*; journalctl -u gatewright-monitoring@fast on the host',
    },
    ...hosts.flatMap(host => collectorsOf(host.watches).map(({name}) => collectorFailed(host, name))),
    {
      alert: 'HardwareLost',
      expr: 'node_bonding_active < node_bonding_slaves or node_power_supply_online == 0',
      forSeconds: 60,
      severity: 'warning',
      summary: '{{ $labels.host }} has lost a port of a bond or a power supply',
      action: 'what still works is not redundant any more: replace it',
    },
    ...(hosts.length > 0 ? [cableLost(hosts)] : []),
  ],
})

const collectorFailed = (host: Watched, collector: string): Rule => ({
  alert: 'CollectorFailed',
  expr: `${orZero(series('gatewright_collector_success', {host: host.name, collector}))} == 0`,
  forSeconds: 60,
  severity: 'warning',
  summary: `${host.name} cannot tell its metrics of ${collector}`,
  action: 'journalctl -u gatewright-monitoring@* on the host',
  labels: {...placeOf(host), collector},
})

/** Of all hosts, those that the inventory has links for: what else has no cable need not have one. */
const cableLost = (hosts: readonly Watched[]): Rule => ({
  alert: 'CableLost',
  expr: hosts
    .map(({name, devices}) => {
      const names = devices.map(each => each.replaceAll('.', '\\.')).join('|')
      return `node_network_carrier{host=${JSON.stringify(name)},device=~${JSON.stringify(names)}} == 0`
    })
    .join(' or '),
  forSeconds: 15,
  severity: 'warning',
  summary: 'The link {{ $labels.device }} of {{ $labels.host }} has no cable',
  action: 'look at the port at both ends',
})
