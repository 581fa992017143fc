import type {MonitoringVars} from '../vars.ts'
import {pairsOf, type Watched, watchesOf} from '../watched.ts'
import {type Group, groupOf, orZero, type Recorded, type Rule, series} from './rule.ts'

/**
 * How fast the budget of errors may burn, over a long window, and a short one so that the alert ends soon after the trouble (Google, The
 * Site Reliability Workbook, chapter 5, table 5-8): 2 % of a month's budget in an hour, 5 % in six hours, 10 % in three days.
 */
const windows = [
  {long: '1h', short: '5m', factor: 14.4, severity: 'critical'},
  {long: '6h', short: '30m', factor: 6, severity: 'critical'},
  {long: '3d', short: '6h', factor: 1, severity: 'warning'},
] as const

const carries = 'gatewright:tunnel_carries'

/** What was promised to users: probes through the pair, and the tunnels as those who use them see them. */
export const objectives = (
  hosts: readonly Watched[],
  {objective, tunnel_objective}: Pick<MonitoringVars, 'objective' | 'tunnel_objective'>,
): Group => {
  const pairs = [...pairsOf(hosts)]
  return {
    name: 'objectives',
    recorded: pairs.flatMap(([pair, members]) => tunnelsOf(members).map(tunnel => carried(pair, members, tunnel))),
    rules: pairs.flatMap(([pair, members]) => [
      ...probesOf(members).flatMap(probe =>
        burning(
          {what: `the probe ${probe}`, labels: {...groupOf(members[0]), probe}, objective},
          series('probe_success', {...ownerOf(members), probe}),
        ),
      ),
      ...tunnelsOf(members).flatMap(tunnel =>
        burning(
          {
            what: `the tunnel ${tunnel} of ${pair}`,
            labels: {...groupOf(members[0]), tunnel},
            objective: tunnel_objective,
          },
          series(carries, {...ownerOf(members), tunnel}),
        ),
      ),
    ]),
  }
}

const ownerOf = ([{name, pair}]: readonly [Watched, ...Watched[]]): Record<string, string> =>
  pair === undefined ? {host: name} : {pair}

/** Of a pair it is the tunnel of the master that counts. */
const carried = (pair: string, members: readonly [Watched, ...Watched[]], tunnel: string): Recorded => {
  const state = `(${series('gatewright_mwan_state', {...ownerOf(members), uplink: tunnel})} > bool 0)`
  const masters = `(${series('gatewright_vrrp_state', {pair})} == 3)`
  const hasVrrp = members.some(host => watchesOf(host, 'vrrp').length > 0)
  return {
    record: carries,
    expr: orZero(hasVrrp ? `${state} and on (host) ${masters}` : state),
    labels: {...groupOf(members[0]), ...ownerOf(members), tunnel},
  }
}

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
  success: string,
): readonly Rule[] =>
  windows.map(({long, short, factor, severity}) => {
    const limit = Number(((factor * (100 - objective)) / 100).toPrecision(6))
    return {
      alert: 'BudgetBurns',
      expr: [long, short].map(window => `1 - max(avg_over_time(${success}[${window}])) > ${limit}`).join(' and '),
      forSeconds: 0,
      severity,
      summary: `At this pace ${what} misses its ${objective} %: over the last ${long} it used up ${factor} times what it may`,
      action: 'look at the other alerts of the pair; gatewright status',
      labels: {...labels, window: long},
    }
  })
