import {existsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {limitParts} from '../inventory/limit.ts'
import type {Inventory} from '../inventory/model.ts'
import {passwordNames} from '../inventory/password-names.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {readInventory} from '../inventory/read-inventory.ts'
import {Secret} from '../shell/secret.ts'
import {playScope} from './build-play.ts'
import {readExtraVars} from './extra-vars.ts'
import {HostScopes} from './host-scopes.ts'
import {isMapping} from './mapping.ts'
import type {LoadOptions} from './model.ts'
import {expandPath} from './paths.ts'
import {readPlaybook} from './read-playbook.ts'
import type {Scope} from './scope.ts'

/** An inventory to look at: its hosts and their variables, which are not checked. */
export type InventoryView = {
  readonly inventory: Inventory
  /** Those that --limit leaves. */
  readonly hosts: readonly string[]
  /** The variables of a host; with a playbook, in its first play that names the host. */
  readonly scopeOf: (host: string) => Scope
  readonly scopeOfGroup: (name: string) => Scope
  /** Names of further plays that name the host. */
  readonly otherPlays: (host: string) => readonly string[]
}

/**
 * Reads inventories, and the playbook where one is named. Files of variables are looked for beside the playbook, else
 * beside `playbooks/site.yml`, else in the project's directory. Throws InvalidInput.
 */
export const viewInventory = (options: LoadOptions): InventoryView => {
  const findings = new Findings(options.keys)
  const project = expandPath(options.projectDirectory)
  const [playbook] = options.playbooks.map(path => expandPath(path))
  const site = join(project, 'playbooks', 'site.yml')
  const directory = playbook ? dirname(playbook) : existsSync(site) ? dirname(site) : project
  const extra = readExtraVars(options.extraVars ?? [], findings)
  const inventory = readInventory(options.inventories, findings)
  const plays = playbook ? readPlaybook(playbook, {findings, extra, inventory}) : []
  const scopes = new HostScopes(inventory, options.inventories, extra, findings)
  const {limit} = options
  const hosts =
    limit === undefined
      ? inventory.hostsOf('all')
      : matchHosts(limitParts(limit, options.lastFailed, findings), inventory, {findings, where: '--limit'})
  findings.throwIfAny()
  const named = plays.map(raw => ({
    raw,
    name: String(raw.raw['name'] ?? raw.hosts.join(',')),
    hosts: new Set(matchHosts(raw.hosts, inventory, {findings: new Findings(), where: 'hosts'})),
  }))
  const known = new Map<string, Scope>()
  const scopeIn = (host: string): Scope => {
    const play = named.find(each => each.hosts.has(host))
    const scope = scopes.of(host, play?.raw.directory ?? directory)
    const result = play ? playScope(scope, play.raw, play.name, {findings, scopes}) : scope
    findings.throwIfAny()
    return result
  }
  return {
    inventory,
    hosts,
    scopeOf: host => {
      const scope = known.get(host) ?? scopeIn(host)
      known.set(host, scope)
      return scope
    },
    scopeOfGroup: name => scopes.ofGroup(name, directory),
    otherPlays: host =>
      named
        .filter(each => each.hosts.has(host))
        .slice(1)
        .map(({name}) => name),
  }
}

/** One host of the inventory by its name. Throws InvalidInput with a suggestion. */
export const hostOf = ({inventory, hosts}: InventoryView, name: string): string => {
  if (hosts.includes(name)) return name
  const isLimited = inventory.hosts.has(name)
  const near = nearest(name, hosts)
  throw new InvalidInput([
    {
      rule: 'unknown-host',
      what: isLimited ? `--limit leaves the host '${name}' out` : `the inventory has no host '${name}'`,
      fix: near === undefined ? 'gatewright inventory list names the hosts' : `did you mean '${near}'?`,
    },
  ])
}

/** Every secret among the variables of hosts, revealed, for who masks output. */
export const secretsIn = (scopes: Iterable<Scope>): readonly string[] => {
  const found = new Set<string>()
  const walk = (value: unknown, isPassword: boolean): void => {
    if (value instanceof Secret) return
    if (isPassword && ['string', 'number'].includes(typeof value)) found.add(String(value))
    else if (Array.isArray(value)) for (const item of value) walk(item, isPassword)
    else if (isMapping(value)) for (const held of Object.values(value)) walk(held, isPassword)
  }
  for (const scope of scopes) {
    for (const {vars} of scope.layers())
      for (const [name, value] of Object.entries(vars))
        walk(value, passwordNames.has(name) && !String(value).includes('{{'))
    for (const name of passwordNames)
      try {
        if (scope.definition(name)) walk(scope.lookup(name), true)
      } catch {
        // What cannot be evaluated is not shown either.
      }
  }
  return [...found]
}
