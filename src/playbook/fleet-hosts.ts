import {accessSync, constants} from 'node:fs'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {DrillTerms} from '../drill/model.ts'
import {hostVariables} from '../inventory/host-variables.ts'
import {type AccessOptions, isYes, pathsOf, targetOf} from '../inventory/target.ts'
import type {Link} from '../role.ts'
import {registerSecret} from '../shell/secret.ts'
import {checkSyntax} from './check-syntax.ts'
import type {HostScopes} from './host-scopes.ts'
import type {FleetHost} from './model.ts'
import {displayPath} from './paths.ts'

/** A host with what only checking needs: where its variables were written. */
export type CheckedHost = FleetHost & {
  readonly values: Readonly<Record<string, any>>
  readonly at: Position | undefined
}

/** Every host of the inventory, with everything that is final before connecting. */
export const fleetHosts = (
  scopes: HostScopes,
  playbook: string,
  users: {readonly flag: string | undefined; readonly play: ReadonlyMap<string, string>},
  access: AccessOptions,
  findings: Findings,
): ReadonlyMap<string, CheckedHost> => {
  const checked = new WeakSet<object>()
  const variables = new Map(
    [...scopes.inventory.hosts.keys()].map(name => {
      for (const {vars} of scopes.of(name, playbook).layers()) {
        if (checked.has(vars)) continue
        checked.add(vars)
        checkSyntax(vars, findings)
      }
      return [name, hostVariables(name, scopes.of(name, playbook), findings)]
    }),
  )
  for (const password of [access.password, access.becomePassword]) if (password) registerSecret(password)
  const context = {access, valuesOf: (name: string) => variables.get(name), findings}
  return new Map(
    [...scopes.inventory.hosts.values()].map(({name, at}) => {
      const values = variables.get(name) ?? {}
      const user = users.flag ?? (values['ansible_user'] === undefined ? users.play.get(name) : undefined)
      const host: CheckedHost = {
        name,
        groups: scopes.inventory.groupsOf(name),
        target: targetOf(name, values, user, context),
        host: {
          name,
          pair: values['pair'],
          site: values['site'],
          links: (values['links'] ?? {}) as Readonly<Record<string, Link>>,
          ...(values['stands_in_for'] !== undefined && {standsInFor: values['stands_in_for']}),
        },
        settleSeconds: Number(values['pair_settle_seconds'] ?? 60),
        drillTerms: drillTermsOf(values),
        variables: scopes.everything(name, playbook),
        values,
        at,
      }
      return [name, host]
    }),
  )
}

const drillTermsOf = (values: Readonly<Record<string, any>>): DrillTerms => ({
  isLab: isYes(values['drill_lab'] ?? false),
  ...(values['drill_hands'] !== undefined && {hands: values['drill_hands']}),
  windows: values['drill_window'] ?? [],
  ...(values['drill_cost_per_hour'] !== undefined && {costPerHour: Number(values['drill_cost_per_hour'])}),
  currency: String(values['drill_currency'] ?? 'USD'),
})

const files = [
  {
    variable: 'ansible_ssh_private_key_file',
    rule: 'missing-key-file',
    what: 'the private key',
    fix: 'create it with ssh-keygen, or correct the path (relative paths begin where you are)',
  },
  {
    variable: 'gatewright_known_hosts',
    rule: 'missing-known-hosts',
    what: 'the file of known host keys',
    fix: 'create it with ssh-keyscan after comparing the fingerprints, or correct the path',
  },
]

/** Files that a connection needs must be there, for the hosts that will be connected. */
export const checkFiles = (hosts: Iterable<CheckedHost>, findings: Findings): void => {
  for (const {name, values, target} of hosts)
    for (const {variable, rule, what, fix} of files) {
      // ssh makes the file too when it files the first key.
      if (variable === 'gatewright_known_hosts' && target.acceptNew) continue
      for (const path of pathsOf(values[variable])) {
        const trouble = troubleWith(path)
        if (trouble === undefined) continue
        const at = spotOf(values, variable)?.value
        const mend = trouble === absent ? fix : 'run this as its owner, or correct the path'
        findings.add({rule, what: `${what} ${displayPath(path)} ${trouble}`, fix: mend, host: name, ...(at && {at})})
      }
    }
}

const absent = 'does not exist'

const troubleWith = (path: string): string | undefined => {
  try {
    accessSync(path, constants.R_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? absent : 'cannot be read by this user'
  }
}
