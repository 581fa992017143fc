import type {Host} from 'gatewright'
import type {HardeningVars} from '../schema.ts'
import {managementAddressesOf} from './firewall.ts'
import type {Exception} from './sysctl.ts'

export type SshdView = {
  readonly port: number
  readonly listen: readonly string[]
  readonly allowGroups: readonly string[]
  readonly rootLogin: 'no' | 'prohibit-password'
  readonly userAuthorities: readonly string[]
  readonly revokedKeys: readonly string[]
  readonly maxAuthTries: number
  readonly maxStartups: string
  readonly forwarding: string
}

/** The groups that may log in; root is in its own. */
export const loginGroups = (vars: HardeningVars): readonly string[] => [
  ...vars.ssh_groups,
  ...(vars.ssh_root_login === 'no' ? [] : ['root']),
]

export const sshdView = (vars: HardeningVars, host: Host): SshdView => ({
  port: vars.ssh_port,
  listen: vars.ssh_listen === 'any' ? [] : managementAddressesOf(vars, host),
  allowGroups: loginGroups(vars),
  rootLogin: vars.ssh_root_login,
  userAuthorities: vars.ssh_user_ca,
  revokedKeys: vars.ssh_revoked_keys,
  maxAuthTries: vars.ssh_max_auth_tries,
  maxStartups: vars.ssh_max_startups,
  forwarding: vars.ssh_forwarding,
})

/** Where an operator's daily work asks for more than CIS allows. */
export const sshdExceptions = (vars: HardeningVars): readonly Exception[] => [
  ...(vars.ssh_max_auth_tries > 4
    ? [
        {
          control: '5.1.16',
          what: 'sshd MaxAuthTries',
          recommended: '4',
          set: String(vars.ssh_max_auth_tries),
          reason: 'an agent offers each of its keys; there are no passwords to guess',
        },
      ]
    : []),
  ...(vars.ssh_forwarding === 'no'
    ? []
    : [
        {
          control: '5.1.8',
          what: 'sshd AllowTcpForwarding',
          recommended: 'no',
          set: vars.ssh_forwarding,
          reason: 'a gateway is the jump host of its site',
        },
      ]),
]
