import type {MonitoringVars} from '../vars.ts'
import {pairsOf, type Watched, watchesOf} from '../watched.ts'
import {type Group, groupOf, type Rule, series} from './rule.ts'

/**
 * How fast the budget of errors may burn, over a long window, and a short one so that the alert ends soon after the trouble (Google, The
 * Site Reliability Workbook, chapter 5, table 5-8): 2 % of a month's budget in an hour, 5 % in six hours, 10 % in three days.
 */
const windows = [
  {long: '1h', short: '5m', factor: 14.4, severity: 'critical'},
  {long: '6h', short: '30m', factor: 6, severity: 'critical'},
  {long: '3d', short: '6h', factor: 1, severity: 'warning'},
] as const

/** What was promised to users: probes through the pair, and the tunnels as those who use them see them. */
export const objectives = (
  hosts: readonly Watched[],
  {objective, tunnel_objective}: Pick<MonitoringVars, 'objective' | 'tunnel_objective'>,
): Group => ({
  name: 'objectives',
  rules: [...pairsOf(hosts)].flatMap(([pair, members]) => [
    ...probesOf(members).flatMap(probe =>
      burning(
        {what: `the probe ${probe}`, labels: {...groupOf(members[0]), probe}, objective},
        window => `max(avg_over_time(${series('probe_success', {pair, probe})}[${window}]))`,
      ),
    ),
    ...tunnelsOf(members).flatMap(tunnel =>
      burning(
        {
          what: `the tunnel ${tunnel} of ${pair}`,
          labels: {...groupOf(members[0]), tunnel},
          objective: tunnel_objective,
        },
        window =>
          `max(avg_over_time((${series('gatewright_mwan_state', {pair, uplink: tunnel})} > bool 0)[${window}:]))`,
      ),
    ),
  ]),
})

const probesOf = (members: readonly Watched[]): readonly string[] => [
  ...new Set(members.flatMap(host => watchesOf(host, 'probe').map(({name}) => name))),
]
/** Uplinks that are tunnels: what is probed beyond their far end tells whether they carry. */
const tunnelsOf = (members: readonly Watched[]): readonly string[] => [
  ...new Set(
    members.flatMap(host => {
      const made = new Set(watchesOf(host, 'wireguard', 'openvpn server', 'openvpn client').map(({device}) => device))
      return watchesOf(host, 'uplink').flatMap(({name, device}) => (made.has(device) ? [name] : []))
    }),
  ),
]

const burning = (
  {what, labels, objective}: {what: string; labels: Record<string, string>; objective: number},
  successIn: (window: string) => string,
): readonly Rule[] =>
  windows.map(({long, short, factor, severity}) => {
    const limit = Number(((factor * (100 - objective)) / 100).toPrecision(6))
    return {
      alert: 'BudgetBurns',
      expr: `1 - ${successIn(long)} > ${limit} and 1 - ${successIn(short)} > ${limit}`,
      forSeconds: 0,
      severity,
      summary: `At this pace ${what} misses its ${objective} %: over the last ${long} it used up ${factor} times what it may`,
      action: 'look at the other alerts of the pair; gatewright status',
      labels: {...labels, window: long},
    }
  })
