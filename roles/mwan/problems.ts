import {contains, type ProblemContext, type RoleProblem} from 'gatewright'
import {linkOf} from './carried-tunnels.ts'
import {policyProblems, ruleProblems} from './policy-problems.ts'
import {tunnelProblems} from './tunnel-problems.ts'
import {type MwanVars, marksOf, priorities, type Uplink, uplinksOf} from './view.ts'

type Context = ProblemContext<MwanVars>

/** The rules that can be told before connecting. */
export const problems = (context: Context): readonly RoleProblem[] => {
  const uplinks = uplinksOf(context.vars, context.host)
  return [
    ...linkProblems(context),
    ...uplinks.filter(({isTunnel}) => !isTunnel).flatMap(uplink => pathProblems(context, uplink)),
    ...tunnelProblems(context, uplinks),
    ...numberProblems(context.vars, uplinks),
    ...thresholdProblems(context.vars),
    ...policyProblems(context.vars, uplinks),
    ...ruleProblems(context.vars),
    ...context.peers.flatMap(peer => peerProblems(context.vars, peer)),
  ]
}

const linkProblems = ({vars, host}: Context): RoleProblem[] =>
  Object.keys(vars.uplinks).flatMap(name => {
    const link = linkOf(vars, name)
    return link === undefined || link in host.links
      ? []
      : [
          {
            rule: 'mwan-link',
            variable: 'uplinks',
            what: `uplink ${name}: ${host.name} has no link "${link}"; its links are ${Object.keys(host.links).join(', ') || 'none'}`,
            fix: 'name one of them by `link`, add it to `links` of the host, or name a tunnel by `device`',
          },
        ]
  })

const pathProblems = ({vars, host}: Context, {name, paths}: Uplink): RoleProblem[] => {
  const addresses = host.links[vars.uplinks[name]?.link ?? name]?.addresses ?? []
  if (paths.length === 0)
    return [
      {
        rule: 'mwan-gateway',
        variable: 'uplinks',
        what: `uplink ${name} has no gateway, neither has its link`,
        fix: `set mwan_uplinks.${name}.gateway, or name a tunnel by \`device\``,
      },
    ]
  return paths.flatMap(({family, gateway, targets}) => [
    ...(gateway === undefined || addresses.some(address => contains(address, gateway)) || /^fe80:/i.test(gateway)
      ? []
      : [
          {
            rule: 'mwan-gateway',
            variable: 'uplinks',
            what: `the IPv${family} gateway ${gateway} of uplink ${name} is in no subnet of its link (${addresses.join(', ') || 'no address'})`,
            fix: 'use the address of the router on that link',
          },
        ]),
    ...(new Set(targets).size >= Math.max(2, vars.targets_required)
      ? []
      : [
          {
            rule: 'mwan-targets',
            variable: vars.uplinks[name]?.targets ? 'uplinks' : 'targets',
            what: `uplink ${name} has ${new Set(targets).size} IPv${family} target(s) and needs ${Math.max(2, vars.targets_required)}: one host that fails would be taken for the uplink`,
            fix: `name three IPv${family} addresses beyond the provider's router`,
          },
        ]),
  ])
}

const numberProblems = (vars: MwanVars, uplinks: readonly Uplink[]): RoleProblem[] => {
  const {mask, uplinkMask, unit, unreachable, blackhole} = marksOf(vars.mark_mask)
  const same = (what: string, value: (uplink: Uplink) => number | string): RoleProblem[] =>
    uplinks.flatMap((uplink, index) => {
      const other = uplinks.slice(0, index).find(each => value(each) === value(uplink))
      return other === undefined
        ? []
        : [
            {
              rule: 'mwan-unique',
              variable: 'uplinks',
              what: `uplinks ${other.name} and ${uplink.name} have the same ${what} ${value(uplink)}`,
              fix: 'give one of them another',
            },
          ]
    })
  return [
    ...same('id', ({id}) => id),
    ...same('table', ({table}) => table),
    ...same('mark', ({mark}) => mark),
    ...same('device', ({device}) => device),
    ...uplinks
      .filter(({table}) => table >= 253 && table <= 255)
      .map(({name, table}) => ({
        rule: 'mwan-table',
        variable: 'uplinks',
        what: `table ${table} of uplink ${name} is one of the kernel's own (default 253, main 254, local 255)`,
        fix: 'choose another, such as 1001',
      })),
    ...(mask === unit * 63
      ? []
      : [
          {
            rule: 'mwan-mask',
            variable: 'mark_mask',
            what: `0x${mask.toString(16)} is not six neighbouring bits`,
            fix: 'use 0x3f00, 0x3f0000 or the like',
          },
        ]),
    ...uplinks
      .filter(({mark}) => (mark & ~uplinkMask) !== 0 || mark === 0 || mark === unreachable || mark === blackhole)
      .map(({name, mark}) => ({
        rule: 'mwan-mark',
        variable: 'uplinks',
        what: `mark 0x${mark.toString(16)} of uplink ${name} is not inside 0x${uplinkMask.toString(16)}, or is reserved (0x${blackhole.toString(16)} and 0x${unreachable.toString(16)} mean no uplink)`,
        fix: 'leave it out: it follows from the id',
      })),
    ...(vars.rule_priority + priorities - 1 < 32766
      ? []
      : [
          {
            rule: 'mwan-priority',
            variable: 'rule_priority',
            what: `the rules from ${vars.rule_priority} on would come after the main table (32766)`,
            fix: `set it to ${32765 - priorities} or less`,
          },
        ]),
  ]
}

const thresholdProblems = (vars: MwanVars): RoleProblem[] => {
  const found: RoleProblem[] = []
  for (const kind of ['latency', 'loss'] as const)
    if (vars[`${kind}_up`] >= vars[`${kind}_down`])
      found.push({
        rule: 'mwan-thresholds',
        variable: `${kind}_up`,
        what: `coming back at ${vars[`${kind}_up`]} is no stricter than leaving at ${vars[`${kind}_down`]}, so that an uplink in between would flap`,
        fix: `set mwan_${kind}_up well below mwan_${kind}_down`,
      })
  if (vars.up_count < vars.down_count)
    found.push({
      rule: 'mwan-thresholds',
      variable: 'up_count',
      what: `${vars.up_count} answers bring back what ${vars.down_count} losses take away`,
      fix: 'ask for more answers than losses',
    })
  if (vars.probe_timeout * 1000 <= vars.latency_down)
    found.push({
      rule: 'mwan-timeout',
      variable: 'probe_timeout',
      what: `a probe is lost after ${vars.probe_timeout * 1000} ms, before it could be slower than ${vars.latency_down} ms`,
      fix: 'make it longer than mwan_latency_down',
    })
  const budget = detectionTime(vars)
  if (budget > vars.failover_limit)
    found.push({
      rule: 'mwan-budget',
      variable: 'probe_interval',
      what: `an uplink that dies silently would be left after ${budget.toFixed(1)} s, the limit is ${vars.failover_limit} s`,
      fix: 'probe more often, or raise mwan_failover_limit',
    })
  if (vars.window < 10 * vars.probe_interval)
    found.push({
      rule: 'mwan-window',
      variable: 'window',
      what: `${vars.window} s hold fewer than ten probes, of which nothing can be told`,
      fix: `set it to ${10 * vars.probe_interval} or more`,
    })
  return found
}

/** Seconds from the death of an uplink to the last loss that it takes: the first probe is sent up to an interval later. */
export const detectionTime = ({probe_interval, probe_timeout, down_count}: MwanVars): number =>
  down_count * probe_interval + probe_timeout

const equal = ['mark_mask', 'policies', 'rules', 'failback', 'follow', 'own_policy'] as const

/** Marks travel with the synchronised flows, and buckets must mean the same on both. */
const peerProblems = (vars: MwanVars, peer: Context['peers'][number]): RoleProblem[] => {
  const theirs = peer.vars
  const marks = (all: MwanVars): string =>
    JSON.stringify(
      Object.entries(all.uplinks)
        .map(([name, {id, mark}]) => `${name} ${mark ?? id * marksOf(all.mark_mask).unit}`)
        .toSorted((one, other) => one.localeCompare(other)),
    )
  return [
    ...(marks(vars) === marks(theirs)
      ? []
      : [
          {
            rule: 'mwan-pair',
            variable: 'uplinks',
            what: `the marks of the uplinks are not those of ${peer.name}, so that flows would change their uplink with the gateway`,
            fix: 'set the uplinks once, in the group of the pair',
            also: {host: peer.name},
          },
        ]),
    ...equal
      .filter(variable => JSON.stringify(vars[variable]) !== JSON.stringify(theirs[variable]))
      .map(variable => ({
        rule: 'mwan-pair',
        variable,
        what: `it differs from that of ${peer.name}: both gateways of a pair need the same`,
        fix: 'set it once, in the group of the pair',
        also: {host: peer.name},
      })),
  ]
}
