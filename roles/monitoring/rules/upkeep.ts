import type {MonitoringVars} from '../vars.ts'
import {pairsOf, type Watched, watchesOf} from '../watched.ts'
import {type Group, groupOf, orZero, placeOf, type Rule, series} from './rule.ts'

const day = 86_400
const by = 'by (host, pair, site, name)'

/** What runs out or is forgotten while everything works. */
export const upkeep = (hosts: readonly Watched[], vars: MonitoringVars): Group => ({
  name: 'upkeep',
  rules: [
    {
      alert: 'CertificateExpiry',
      expr: `min ${by} (gatewright_certificate_until_seconds) - time() < ${vars.certificate_days * day}`,
      forSeconds: 0,
      severity: 'warning',
      summary: `The certificate of {{ $labels.name }} on {{ $labels.host }} ends within ${vars.certificate_days} days`,
      action: 'gatewright pki renews it; then play the site',
    },
    {
      alert: 'CrlExpiry',
      expr: `min ${by} (gatewright_crl_until_seconds) - time() < ${vars.crl_days * day}`,
      forSeconds: 0,
      severity: 'critical',
      summary: `The list of revoked certificates of {{ $labels.name }} on {{ $labels.host }} ends within ${vars.crl_days} days: then nobody gets in`,
      action: 'gatewright pki renews the list; then play the site',
    },
    {
      alert: 'ClockOffset',
      expr: `abs(gatewright_clock_offset_seconds) > ${vars.clock_offset}`,
      forSeconds: 60,
      severity: 'warning',
      summary: `The clock of {{ $labels.host }} is wrong by more than ${vars.clock_offset} s`,
      action: 'chronyc sources on the host: certificates and logs rely on it',
    },
    {
      alert: 'LogRetentionShort',
      expr: `gatewright_log_oldest_seconds > gatewright_watched_since_seconds + ${day} and time() - gatewright_log_oldest_seconds < ${vars.log_days * day}`,
      forSeconds: 0,
      severity: 'warning',
      summary: `{{ $labels.host }} has deleted logs that are younger than ${vars.log_days} days`,
      action: 'hardening_log_max_use: give them more room',
    },
    {
      alert: 'DiskFills',
      expr: `predict_linear(node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs"}[6h], ${7 * day}) < 0 and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.4`,
      forSeconds: 3600,
      severity: 'warning',
      summary: '{{ $labels.mountpoint }} of {{ $labels.host }} is full within seven days',
      action: 'du -x on the host: what grows?',
    },
    {
      alert: 'ConntrackFull',
      expr: `node_nf_conntrack_entries / node_nf_conntrack_entries_limit > ${vars.conntrack_full}`,
      forSeconds: 60,
      severity: 'critical',
      summary: `{{ $labels.host }} tracks more than ${Math.round(vars.conntrack_full * 100)} % of the connections that it may`,
      action: 'vrrp_conntrack_max; is one machine flooding?',
    },
    ...[...pairsOf(hosts)].flatMap(([pair, members]) => drillOverdue(pair, members, vars)),
    {
      alert: 'Drift',
      expr: 'max by (host, pair, site) (gatewright_drift_changes) > 0',
      forSeconds: 0,
      severity: 'warning',
      summary: '{{ $labels.host }} is otherwise than its playbook says',
      action: 'gatewright check playbooks/site.yml --diff shows them; play it, and note what check mode finds then',
    },
    ...hosts.map(host => driftUnknown(host, vars)),
  ],
})

/** Who has been watched for a short time only need not have been looked at. */
const driftUnknown = (host: Watched, {drift_days}: Pick<MonitoringVars, 'drift_days'>): Rule => {
  const of = (metric: string): string => `max(${series(metric, {host: host.name})})`
  return {
    alert: 'DriftUnknown',
    expr: `time() - (${of('gatewright_drift_checked_seconds')} or ${of('gatewright_watched_since_seconds')}) > ${drift_days * day}`,
    forSeconds: 60,
    severity: 'warning',
    summary: `Nobody has looked for ${drift_days} days whether ${host.name} is as its playbook says`,
    action: 'gatewright check playbooks/site.yml, then playbooks/drift.yml',
    labels: placeOf(host),
  }
}

const drillOverdue = (
  pair: string,
  members: readonly [Watched, ...Watched[]],
  {drill_days}: Pick<MonitoringVars, 'drill_days'>,
): readonly Rule[] =>
  members.some(host => watchesOf(host, 'vrrp').length > 0)
    ? [
        {
          alert: 'DrillOverdue',
          expr: `time() - ${orZero(series('gatewright_drill_passed_seconds', {pair}))} > ${drill_days * day}`,
          forSeconds: 60,
          severity: 'warning',
          summary: `${pair} has passed no drill for ${drill_days} days`,
          action: 'gatewright drill playbooks/drill.yml',
          labels: groupOf({...members[0], pair}),
        },
      ]
    : []
