import type {RoleProblem} from 'gatewright'
import {agentOf, type Context, isServer} from '../vars.ts'

/** 128 to 2048 bits (Manual, Using pre-shared keys, Size limits). */
const isKey = (text: string): boolean => /^([0-9a-f]{2}){16,256}$/i.test(text)
/** Shorter ones are guessed; `zabbix` is what everybody tries first. */
const passwordLength = 12

/** Rules over what Zabbix needs, where it is to watch. */
export const zabbixProblems = (context: Context): readonly RoleProblem[] => [
  ...keyProblems(context),
  ...identityProblems(context),
  ...serverProblems(context),
]

const keyProblems = ({vars, host}: Context): readonly RoleProblem[] => {
  const fix = 'openssl rand -hex 32 makes one; keep it with gatewright vault'
  const problem = (what: string) => [{rule: 'monitoring-zabbix-key', variable: 'zabbix_psk', what, fix}]
  if (vars.zabbix_psk === undefined) return problem(`the agent of ${host.name} has no key: everybody could ask it`)
  return isKey(vars.zabbix_psk.reveal())
    ? []
    : problem(`the key of ${host.name} is not 32 to 512 hexadecimal digits, two for each byte`)
}

/** Zabbix has one key for each identity (Manual, Using pre-shared keys). */
const identityProblems = ({vars, host, peers, others}: Context): readonly RoleProblem[] => {
  const own = agentOf(vars, host)
  if (!own) return []
  return [...peers, ...others].flatMap(other => {
    const theirs = agentOf(other.vars, other)
    return theirs?.identity === own.identity && theirs.key.reveal() !== own.key.reveal() && host.name < other.name
      ? [
          {
            rule: 'monitoring-zabbix-identity',
            variable: 'zabbix_identity',
            what: `${host.name} and ${other.name} have different keys under the name ${own.identity}`,
            fix: 'leave monitoring_zabbix_identity empty, or give each its own',
            also: {host: other.name},
          },
        ]
      : []
  })
}

const serverProblems = ({vars, host, peers, others}: Context): readonly RoleProblem[] => {
  const password = vars.zabbix_password?.reveal() ?? ''
  const isWatched = [{...host, vars}, ...peers, ...others].some(each => isServer(vars, each) && each.vars.zabbix)
  return [
    ...(isWatched
      ? []
      : [
          {
            rule: 'monitoring-zabbix-server',
            variable: 'zabbix',
            what: `${host.name} is to have an agent, and none of ${vars.servers.join(', ') || 'its servers (there are none)'} a server of Zabbix`,
            fix: 'set monitoring_zabbix in group_vars that all of them share',
          },
        ]),
    ...(isServer(vars, host) && password.length < passwordLength
      ? [
          {
            rule: 'monitoring-zabbix-password',
            variable: 'zabbix_password',
            what: `${host.name} needs a password for Zabbix' user Admin, of ${passwordLength} characters or more`,
            fix: 'set monitoring_zabbix_password, and keep it with gatewright vault',
          },
        ]
      : []),
  ]
}
