import type {ProblemContext, RoleProblem} from 'gatewright'
import {checkProblems} from './checks/problems.ts'
import {alertNames} from './rules/names.ts'
import {addressOf, type Context, isServer, type MonitoringVars} from './vars.ts'
import {zabbixProblems} from './zabbix/problems.ts'

/** Rules over the variables of a host and all others that this role is applied to, before connecting. */
export const problems = (context: ProblemContext<MonitoringVars>): readonly RoleProblem[] => [
  ...linkProblems(context),
  ...serverProblems(context),
  ...equalProblems(context),
  ...receiverProblems(context),
  ...checkProblems(context),
  ...waitProblems(context),
  ...(context.vars.zabbix ? zabbixProblems(context) : []),
]

const linkProblems = ({vars, host}: Context): readonly RoleProblem[] =>
  addressOf(vars, host) === undefined
    ? [
        {
          rule: 'monitoring-link',
          variable: 'link',
          what: `${host.name} has no link ${vars.link} with an address: exporters would have nowhere to listen`,
          fix: `name one of ${Object.keys(host.links).join(', ') || 'its links'}`,
        },
      ]
    : []

/** Who watches has to be set up by the same role, else it asks nobody. */
const serverProblems = ({vars, host, peers, others}: Context): readonly RoleProblem[] => {
  const known = [host, ...peers, ...others].map(({name}) => name)
  return vars.servers
    .filter(name => !known.includes(name))
    .map(name => ({
      rule: 'monitoring-server',
      variable: 'servers',
      what: `${name} is to watch ${host.name}, but the role monitoring is not applied to it`,
      fix: `apply the role to ${name} in playbooks/site.yml, or name another host`,
    }))
}

/** A pair is watched as one: half of its alerts are about both gateways. */
const equalProblems = ({vars, host, peers, others}: Context): readonly RoleProblem[] => {
  const same = (one: readonly string[], other: readonly string[]): boolean =>
    one.toSorted().join(' ') === other.toSorted().join(' ')
  const watchers = others.filter(each => isServer(vars, each))
  return [...peers, ...watchers].flatMap(other => [
    ...(same(vars.servers, other.vars.servers)
      ? []
      : [
          {
            rule: 'monitoring-servers-differ',
            variable: 'servers',
            what: `${host.name} is to be watched by ${vars.servers.join(', ') || 'nobody'}, ${other.name} by ${other.vars.servers.join(', ') || 'nobody'}`,
            fix: 'set it once, in group_vars that all of them share',
            also: {host: other.name},
          },
        ]),
    ...(vars.interval === other.vars.interval
      ? []
      : [
          {
            rule: 'monitoring-interval',
            variable: 'interval',
            what: `${host.name} is looked at each ${vars.interval} s, ${other.name} each ${other.vars.interval} s`,
            fix: 'set it once, in group_vars that all of them share',
            also: {host: other.name},
          },
        ]),
  ])
}

const receiverProblems = ({vars}: Context): readonly RoleProblem[] => [
  ...vars.receivers
    .filter(({webhook, email}) => webhook === undefined && email === undefined)
    .map(({name}) => ({
      rule: 'monitoring-receiver',
      variable: 'receivers',
      what: `${name} has neither webhook nor email: nobody would be told`,
      fix: 'give it one of both',
    })),
  ...(vars.receivers.some(({email}) => email !== undefined) && (vars.smtp === '' || vars.mail_from === '')
    ? [
        {
          rule: 'monitoring-mail',
          variable: 'receivers',
          what: 'mails need monitoring_smtp and monitoring_mail_from',
          fix: 'set both',
        },
      ]
    : []),
]

const waitProblems = ({vars}: Context): readonly RoleProblem[] =>
  Object.keys(vars.wait)
    .filter(name => !(alertNames as readonly string[]).includes(name))
    .map(name => ({
      rule: 'monitoring-wait',
      variable: 'wait',
      what: `there is no alert ${name}`,
      fix: `one of ${alertNames.join(', ')}`,
    }))
