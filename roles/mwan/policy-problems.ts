import {isAddress, type RoleProblem} from 'gatewright'
import {families, ofFamily} from './networks.ts'
import type {MwanVars, Uplink} from './view.ts'

/** Policies name uplinks that exist, once each. */
export const policyProblems = (vars: MwanVars, uplinks: readonly Uplink[]): RoleProblem[] =>
  Object.entries(vars.policies).flatMap(([name, {members}]) =>
    members.flatMap(({uplink}, index) =>
      !(uplink in vars.uplinks)
        ? [
            {
              rule: 'mwan-policy',
              variable: 'policies',
              what: `policy ${name} names the uplink ${uplink}, which does not exist`,
              fix: `use ${uplinks.map(each => each.name).join(', ') || 'an uplink of mwan_uplinks'}`,
            },
          ]
        : members.findIndex(each => each.uplink === uplink) < index
          ? [
              {
                rule: 'mwan-policy',
                variable: 'policies',
                what: `policy ${name} names the uplink ${uplink} twice`,
                fix: 'give it one weight',
              },
            ]
          : [],
    ),
  )

/** Rules name policies that exist, and can match something. */
export const ruleProblems = (vars: MwanVars): RoleProblem[] => [
  ...vars.bypass
    .filter(network => !isAddress(network))
    .map(network => ({
      rule: 'mwan-rule',
      variable: 'bypass',
      what: `${network} is no address or prefix`,
      fix: 'write it like 10.0.0.0/8 or 2001:db8::/32',
    })),
  ...[...vars.rules.map(({policy}) => ({policy, variable: 'rules'})), {policy: vars.own_policy, variable: 'own_policy'}]
    .filter(({policy}) => policy !== '' && !(policy in vars.policies))
    .map(({policy, variable}) => ({
      rule: 'mwan-rule',
      variable,
      what: `there is no policy ${policy}`,
      fix: `use ${Object.keys(vars.policies).join(', ')}`,
    })),
  ...vars.rules.flatMap(({source = [], destination = [], protocol, ports = []}, index) => {
    const found = (what: string, fix: string): RoleProblem => ({
      rule: 'mwan-rule',
      variable: 'rules',
      what: `rule ${index + 1}: ${what}`,
      fix,
    })
    const matchesNothing =
      source.length > 0 &&
      destination.length > 0 &&
      families.every(family => ofFamily(source, family).length === 0 || ofFamily(destination, family).length === 0)
    return [
      ...[...source, ...destination]
        .filter(network => !isAddress(network))
        .map(network => found(`${network} is no address or prefix`, 'write it like 10.10.0.0/24 or 2001:db8::/32')),
      ...(matchesNothing
        ? [found('its source and destination have no family in common', 'use addresses of one family')]
        : []),
      ...(ports.length > 0 && protocol !== 'tcp' && protocol !== 'udp'
        ? [found('ports without tcp or udp', 'set `protocol`')]
        : []),
      ...ports
        .filter(port => !isPortRange(port))
        .map(port => found(`${port} is no port or range of ports`, 'use 1 to 65535, such as 443 or 5060-5090')),
    ]
  }),
]

const isPortRange = (text: string): boolean => {
  const [first = 0, last = first] = text.split('-').map(Number)
  return first >= 1 && first <= last && last <= 65535
}
