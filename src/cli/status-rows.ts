import type {Metric, Metrics} from '../facts/metrics.ts'
import {duration} from '../reporters/text.ts'

export type StatusRow = {
  readonly what: 'vrrp' | 'bgp' | 'uplink' | 'tunnel' | 'sessions' | 'check' | 'drift' | 'drill'
  readonly name: string
  readonly state: string
  readonly isWell: boolean
  /** Since when, how fast, how many. */
  readonly detail: string
}

/** REJECT_AFTER_TIME of WireGuard: a session whose handshake is older carries nothing. */
const sessionSeconds = 180
/** Once a week, and a day to spare. */
const driftSeconds = 8 * 86_400
/** Once a quarter. */
const drillSeconds = 92 * 86_400

/** What the metrics of a host mean to people, in the order in which they look: who is master, what carries, what is due. */
export const statusRows = ({now, metrics}: Metrics): readonly StatusRow[] => {
  const all = (metric: string): readonly Metric[] => metrics.filter(each => each.metric === metric)
  const like = (metric: string, {labels}: Metric): number | undefined =>
    all(metric).find(each => Object.entries(labels).every(([name, value]) => each.labels[name] === value))?.value
  const since = (seconds: number): string => duration(Math.max(0, now - seconds) * 1000)
  return [
    ...all('gatewright_vrrp_state').map(each => {
      const from = like('gatewright_vrrp_since_seconds', each) ?? 0
      return {
        what: 'vrrp' as const,
        name: each.labels['name'] ?? '',
        state: ['unknown', 'fault', 'backup', 'master'][each.value] ?? 'unknown',
        isWell: each.value >= 2,
        detail: from > 0 ? `for ${since(from)}` : '',
      }
    }),
    ...all('gatewright_bgp_up').map(each => ({
      what: 'bgp' as const,
      name: each.labels['name'] ?? '',
      state: each.value === 1 ? 'up' : 'down',
      isWell: each.value === 1,
      detail: '',
    })),
    ...all('gatewright_mwan_state').map(each => ({
      what: 'uplink' as const,
      name: `${each.labels['uplink']} ${each.labels['family']}`,
      state: ['down', 'degraded', 'up'][each.value] ?? 'unknown',
      isWell: each.value === 2,
      detail: lineOf(like('gatewright_mwan_latency_p95_seconds', each), like('gatewright_mwan_loss_ratio', each)),
    })),
    ...all('gatewright_wireguard_handshake_seconds').map(each => {
      const isUp = each.value > 0 && now - each.value <= sessionSeconds
      return {
        what: 'tunnel' as const,
        name: `${each.labels['name']} ${each.labels['peer']}`,
        state: isUp ? 'up' : 'silent',
        isWell: isUp,
        detail: each.value > 0 ? `handshake ${since(each.value)} ago` : 'no handshake yet',
      }
    }),
    ...all('gatewright_openvpn_up').map(each => {
      const clients = like('gatewright_openvpn_clients', {...each, labels: {name: each.labels['name'] ?? ''}})
      return {
        what: 'tunnel' as const,
        name: `${each.labels['name']} (OpenVPN ${each.labels['side']})`,
        state: each.value === 1 ? 'up' : 'down',
        // A server that follows VRRP runs on the master alone.
        isWell: each.value === 1 || each.labels['side'] === 'server',
        detail: clients === undefined ? '' : `${clients} clients`,
      }
    }),
    ...all('gatewright_nat_sessions').map(each => ({
      what: 'sessions' as const,
      name: 'NAT',
      state: String(each.value),
      isWell: true,
      detail: '',
    })),
    ...all('gatewright_check_up').map(each => ({
      what: 'check' as const,
      name: `${each.labels['check']} over ${each.labels['via']}`,
      state: each.value === 1 ? 'up' : 'down',
      isWell: each.value === 1,
      detail: takenBy(like('gatewright_check_seconds', each)),
    })),
    ...all('gatewright_drift_changes').map(each => {
      const at = like('gatewright_drift_checked_seconds', each)
      return {
        what: 'drift' as const,
        name: 'check mode',
        state: each.value === 0 ? 'none' : `${each.value} changes`,
        isWell: each.value === 0 && at !== undefined && now - at <= driftSeconds,
        detail: at === undefined ? '' : `looked ${since(at)} ago`,
      }
    }),
    ...all('gatewright_drill_passed_seconds').map(each => ({
      what: 'drill' as const,
      name: 'next drill',
      state: each.value + drillSeconds > now ? 'due' : 'overdue',
      isWell: each.value + drillSeconds > now,
      detail: new Date((each.value + drillSeconds) * 1000).toISOString().slice(0, 10),
    })),
  ]
}

const lineOf = (latency: number | undefined, loss: number | undefined): string =>
  [
    ...(latency === undefined || Number.isNaN(latency) ? [] : [`${Math.round(latency * 1000)} ms`]),
    ...(loss === undefined || Number.isNaN(loss) ? [] : [`${(loss * 100).toFixed(loss === 0 ? 0 : 1)} % lost`]),
  ].join(', ')

const takenBy = (seconds: number | undefined): string =>
  seconds === undefined ? '' : `${Math.round(seconds * 1000)} ms`
