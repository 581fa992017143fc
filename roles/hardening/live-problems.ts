import {contains, type Host, type LiveContext, type LiveProblem, type Offer, type TimeFact} from 'gatewright'
import {type Hardware, hardwareProblems} from './hardware-problems.ts'
import type {HardeningVars} from './schema.ts'
import {accountsView} from './view/accounts.ts'
import {managementAddressesOf, managementNetworksOf} from './view/firewall.ts'
import {logsView} from './view/logs.ts'
import {loginGroups} from './view/sshd.ts'
import {keyOf, parametersOfHost} from './view/sysctl.ts'

type Facts = Hardware & {
  readonly session: {
    readonly client: string | undefined
    readonly server: string | undefined
    readonly account: string
    readonly groups: readonly string[]
  }
  readonly sysctlLines: readonly {readonly file: string; readonly key: string; readonly value: string}[]
  readonly logDiskMib: number
  readonly time: Pick<TimeFact, 'source' | 'synchronised' | 'offsetSeconds'>
}
type Context = LiveContext<HardeningVars, Facts>

/** The rules over what was found on the host and its peers, before anything is changed. */
export const liveProblems = (context: Context): readonly LiveProblem[] => {
  const {vars, host, facts, offers} = context
  return [
    ...(vars.firewall ? connectionProblems(vars, host, facts.session) : []),
    ...(vars.sshd ? accountProblems(vars, facts.session) : []),
    ...(vars.sysctl ? overrides(parametersOfAll(vars, host, offers), facts.sysctlLines) : []),
    ...(vars.logs ? spaceProblems(vars, facts.logDiskMib) : []),
    ...(vars.time ? clockProblems(context) : []),
    ...hardwareProblems(host, facts),
  ]
}

/** The connection that the engine uses now would not come through the firewall. */
const connectionProblems = (vars: HardeningVars, host: Host, {client, server}: Facts['session']): LiveProblem[] => {
  if (client === undefined || server === undefined) return []
  const networks = managementNetworksOf(vars, host)
  const own = managementAddressesOf(vars, host)
  if (networks.length > 0 && !networks.some(network => contains(network, client)))
    return [
      {
        rule: 'hardening-locks-out',
        variable: 'management_from',
        what: `you come from ${client}, and SSH would be let in from ${networks.join(', ')} only`,
        fix: `add ${client} to hardening_management_from`,
      },
    ]
  if (own.length > 0 && !own.includes(server))
    return [
      {
        rule: 'hardening-locks-out',
        variable: 'management_link',
        what: `you are connected to ${server}, and SSH would be answered on ${own.join(', ')} (link ${vars.management_link}) only`,
        fix: `set ansible_host of ${host.name} to an address of that link, or another hardening_management_link`,
      },
    ]
  return []
}

/** The account that the engine logs in with would be refused by sshd. */
const accountProblems = (vars: HardeningVars, {account, groups}: Facts['session']): LiveProblem[] => {
  const {operators, removed} = accountsView(vars)
  const after = [...groups, ...(operators.find(({name}) => vars.accounts && name === account)?.groups ?? [])]
  const lost = (variable: string, what: string, fix: string): LiveProblem[] => [
    {rule: 'hardening-locks-out', variable, what, fix},
  ]
  if (vars.accounts && removed.includes(account))
    return lost('accounts_removed', `you are logged in as ${account}`, 'use another account first')
  if (account === 'root' && vars.ssh_root_login === 'no')
    return lost('ssh_root_login', 'you are logged in as root', 'use another account, or set it to prohibit-password')
  if (!loginGroups(vars).some(group => after.includes(group)))
    return lost(
      'ssh_groups',
      `you are logged in as ${account} (${groups.join(', ')}), which is in none of ${loginGroups(vars).join(', ')}`,
      `make ${account} one of hardening_operators, or add one of its groups to hardening_ssh_groups`,
    )
  return []
}

/** What roles set on this host: the baseline, and what others need, which has the last word and is theirs to keep. */
const parametersOfAll = (vars: HardeningVars, host: Host, offers: readonly Offer[]): ReadonlyMap<string, string> => {
  const kept = new Set(vars.sysctl_keep.map(keyOf))
  return new Map([
    ...parametersOfHost(vars, host, offers).flatMap(({key, value}) => (kept.has(key) ? [] : [[key, value] as const])),
    ...offers.flatMap(offer => (offer.offer === 'sysctl' ? [[keyOf(offer.key), String(offer.value)] as const] : [])),
  ])
}

/** systemd-sysctl reads files in the order of their names: at the next boot another one would have the last word. */
const overrides = (parameters: ReadonlyMap<string, string>, lines: Facts['sysctlLines']): LiveProblem[] => {
  const last = new Map<string, {file: string; value: string}>()
  for (const {file, key, value} of lines)
    if ((file.split('/').at(-1) ?? '') > '90-gatewright') last.set(keyOf(key), {file, value})
  return [...parameters].flatMap(([key, value]) => {
    const found = last.get(key)
    return found === undefined || found.file.includes('-gatewright-') || same(found.value, value)
      ? []
      : [
          {
            rule: 'hardening-sysctl-override',
            variable: 'sysctl_keep',
            what: `${found.file} sets ${key} to ${found.value} after this host's roles have set it to ${value}`,
            fix: 'remove that line, or add the key to hardening_sysctl_keep',
          },
        ]
  })
}

const same = (one: string, other: string): boolean => one.split(/\s+/).join(' ') === other.split(/\s+/).join(' ')

/** The journal is cut at its size long before its age where the disk is too small. */
const spaceProblems = (vars: HardeningVars, disk: number): LiveProblem[] => {
  const {maxUse} = logsView(vars, false)
  const needed = maxUse + (vars.audit ? vars.audit_max_use : 0)
  return needed <= disk
    ? []
    : [
        {
          rule: 'hardening-log-space',
          variable: vars.log_max_use === undefined ? 'log_rate' : 'log_max_use',
          what: `the logs of ${vars.log_days} days take ${needed} MiB, and the file system of /var/log has ${disk}`,
          fix: 'enlarge it, or state a lower rate or number of days',
        },
      ]
}

/** Seconds between two clocks beyond which logs, certificates and leases of the two contradict each other. */
const clockLimit = 0.1

/**
 * Chrony on both says by how much it is wrong, which mends itself; where it does not run yet, or has no source, nobody knows and this
 * run may bring it.
 */
const clockProblems = ({host, facts, peers}: Context): LiveProblem[] =>
  peers
    .filter(({name}) => host.name < name)
    .flatMap((peer): LiveProblem[] => {
      const [here, there] = [facts.time, peer.facts.time].map(offsetOf)
      if (here === undefined || there === undefined) return []
      const apart = Math.abs(here - there)
      return apart <= clockLimit
        ? []
        : [
            {
              rule: 'hardening-clock',
              variable: 'ntp_servers',
              what: `the clocks of ${host.name} and ${peer.name} are ${apart.toFixed(3)} s apart by chrony's own estimate`,
              fix: 'wait until both follow the same sources, or give both the same hardening_ntp_servers',
              also: {host: peer.name},
              isAdvice: true,
            },
          ]
    })

const offsetOf = ({source, synchronised, offsetSeconds}: Facts['time']): number | undefined =>
  source === 'chrony' && synchronised === true ? offsetSeconds : undefined
