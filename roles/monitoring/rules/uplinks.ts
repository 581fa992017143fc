import type {MonitoringVars} from '../vars.ts'
import {pairsOf, type Watched, watchesOf} from '../watched.ts'
import {type Group, groupOf, type Rule, series} from './rule.ts'

const by = 'by (host, pair, site, uplink, family)'

/** The ways out: whether they carry, and whether they have room, also with one of them gone. */
export const uplinks = (hosts: readonly Watched[], vars: Pick<MonitoringVars, 'headroom' | 'rate_window'>): Group => ({
  name: 'uplinks',
  rules: [
    {
      alert: 'UplinkDown',
      expr: `min ${by} (gatewright_mwan_state) == 0`,
      forSeconds: 15,
      severity: 'critical',
      summary: 'Nothing is reached over {{ $labels.uplink }} from {{ $labels.host }} ({{ $labels.family }})',
      action: 'gatewright task GATEWAY mwan.status --become; call the provider',
    },
    {
      alert: 'UplinkDegraded',
      expr: `min ${by} (gatewright_mwan_state) == 1`,
      forSeconds: 15,
      severity: 'warning',
      summary:
        'Latency or loss over {{ $labels.uplink }} from {{ $labels.host }} is above what is allowed ({{ $labels.family }})',
      action: 'gatewright task GATEWAY mwan.status --become; call the provider',
    },
    ...[...pairsOf(hosts)].flatMap(([pair, members]) => ratesOf(pair, members, vars)),
  ],
})

const megabit = 1_000_000

/** A line is of the pair: what both gateways send over it counts together. */
const ratesOf = (
  pair: string,
  members: readonly [Watched, ...Watched[]],
  {headroom, rate_window}: Pick<MonitoringVars, 'headroom' | 'rate_window'>,
): readonly Rule[] => {
  const lines = new Map<string, {device: string; rate: number}>()
  for (const {name, device = name, rate} of members.flatMap(host => watchesOf(host, 'uplink')))
    if (rate !== undefined) lines.set(name, {device, rate})
  const labels = groupOf(members[0])
  const place = members[0].pair === undefined ? {host: members[0].name} : {pair}
  const bits = (way: string, devices: readonly string[]): string =>
    `8 * sum(rate(node_network_${way}_bytes_total{${series('', place).slice(1, -1)},device=~${JSON.stringify(devices.join('|'))}}[${rate_window}s]))`
  const above = (devices: readonly string[], rate: number): string =>
    ['transmit', 'receive'].map(way => `${bits(way, devices)} > ${Math.round(headroom * rate * megabit)}`).join(' or ')
  const all = [...lines.values()]
  const left = all.reduce((sum, {rate}) => sum + rate, 0) - Math.max(0, ...all.map(({rate}) => rate))
  return [
    ...[...lines].map(
      ([uplink, {device, rate}]): Rule => ({
        alert: 'Headroom',
        expr: above([device], rate),
        forSeconds: 600,
        severity: 'warning',
        summary: `${uplink} of ${pair} carries more than ${Math.round(headroom * 100)} % of its ${rate} Mbit/s`,
        action: 'buy more, or lead some of it over another uplink',
        labels: {...labels, uplink},
      }),
    ),
    ...(all.length < 2
      ? []
      : [
          {
            alert: 'HeadroomN1',
            expr: above(
              all.map(({device}) => device),
              left,
            ),
            forSeconds: 600,
            severity: 'warning' as const,
            summary: `Were the largest uplink of ${pair} gone, the others would carry more than ${Math.round(headroom * 100)} % of their ${left} Mbit/s`,
            action: 'buy more: the pair would not stand the loss of an uplink',
            labels,
          },
        ]),
  ]
}
