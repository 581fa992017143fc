import {pairsOf, type Watched, watchesOf} from '../watched.ts'
import {type Group, groupOf, orZero, placeOf, type Rule, series} from './rule.ts'

/** As gatewright_vrrp_state tells it. */
const [backup, master] = [2, 3]

/** The pair as a pair: exactly one master, and a standby that could take over. */
export const redundancy = (hosts: readonly Watched[]): Group => ({
  name: 'redundancy',
  rules: [...pairsOf(hosts)].flatMap(([pair, members]) => [
    ...instancesOf(members).flatMap(vrid => ofInstance(pair, vrid, members[0])),
    ...members.flatMap(ofMember),
    ...(members.some(host => watchesOf(host, 'vrrp').length > 0) ? [rulesDiffer(pair, members[0])] : []),
  ]),
})

const instancesOf = (members: readonly Watched[]): readonly string[] => [
  ...new Set(members.flatMap(host => watchesOf(host, 'vrrp').map(({id}) => String(id)))),
]

const ofInstance = (pair: string, vrid: string, member: Watched): readonly Rule[] => {
  const masters = `(count(${series('gatewright_vrrp_state', {pair, vrid})} == ${master}) or vector(0))`
  const labels = {...groupOf({...member, pair}), vrid}
  return [
    {
      alert: 'NoMaster',
      expr: `${masters} == 0`,
      forSeconds: 15,
      severity: 'critical',
      summary: `No gateway of ${pair} is known to be master of VRID ${vrid}`,
      action: 'gatewright task GATEWAY vrrp.verify --become; look for tracks that are not 0',
      labels,
    },
    {
      alert: 'SplitBrain',
      expr: `${masters} > 1`,
      forSeconds: 15,
      severity: 'critical',
      summary: `More than one gateway of ${pair} is master of VRID ${vrid}`,
      action: 'look at the sync link; do gateways hear each other (vrrp.verify)?',
      labels,
    },
  ]
}

const ofMember = (host: Watched): readonly Rule[] => {
  if (watchesOf(host, 'vrrp').length === 0) return []
  const labels = placeOf(host)
  const of = (metric: string): string => series(metric, {host: host.name})
  return [
    {
      alert: 'StandbyNotReady',
      expr: `${orZero(of('gatewright_vrrp_state'))} < ${backup} or max(${of('gatewright_conntrackd_ready')}) == 0`,
      forSeconds: 60,
      severity: 'warning',
      summary: `${host.name} could not take over: VRRP is in FAULT, or connections are not copied to it`,
      action: 'gatewright task GATEWAY vrrp.verify --become',
      labels,
    },
    {
      alert: 'Flapping',
      expr: `max(increase(${of('gatewright_vrrp_transitions_total')}[1h])) > 3`,
      forSeconds: 0,
      severity: 'warning',
      summary: `VRRP changed its state on ${host.name} more than three times within an hour`,
      action: 'journalctl -u gatewright-vrrp on both gateways: what comes and goes?',
      labels,
    },
  ]
}

const rulesDiffer = (pair: string, member: Watched): Rule => ({
  alert: 'RulesDiffer',
  expr: `count(count by (hash) (${series('gatewright_nat_rules_info', {pair})})) > 1`,
  forSeconds: 900,
  severity: 'warning',
  summary: `The gateways of ${pair} translate addresses by different rules`,
  action: 'gatewright check playbooks/site.yml shows which one differs',
  labels: groupOf({...member, pair}),
})
