import {existsSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {limitParts} from '../inventory/limit.ts'
import type {Inventory} from '../inventory/model.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {readInventory} from '../inventory/read-inventory.ts'
import {preflight} from '../preflight/preflight.ts'
import {buildPlay} from './build-play.ts'
import {checkFacts} from './check-facts.ts'
import {readExtraVars} from './extra-vars.ts'
import {Roles} from './find-role.ts'
import {type CheckedHost, checkFiles, fleetHosts} from './fleet-hosts.ts'
import {HostScopes} from './host-scopes.ts'
import type {Fleet, LoadOptions, Play} from './model.ts'
import {observing} from './observing.ts'
import {displayPath, expandPath} from './paths.ts'
import type {LoadContext} from './play-context.ts'
import {type RawPlay, readPlaybook} from './read-playbook.ts'
import {Registers} from './registers.ts'
import {remoteUsers} from './remote-users.ts'
import {RoleCalls} from './role-calls.ts'
import type {Layer} from './scope.ts'
import {readTags} from './tags.ts'

/** What `load` and its smaller forms share: the inventory, its hosts and a place for every problem. */
export type Ground = {
  readonly context: LoadContext
  readonly hosts: ReadonlyMap<string, CheckedHost>
  readonly site: readonly RawPlay[]
  /** The project has a playbook that says what each host should be. */
  readonly hasSite: boolean
  /** Directory whose group_vars count beside those of the inventory. */
  readonly directory: string
}

/** Everything that does not depend on which plays run. */
export const prepare = (
  options: LoadOptions,
  findings: Findings,
  running: readonly RawPlay[] = [],
  extra: readonly Layer[] = readExtraVars(options.extraVars ?? [], findings),
  inventory: Inventory = readInventory(options.inventories, findings),
): Ground => {
  const project = expandPath(options.projectDirectory)
  const scopes = new HostScopes(inventory, options.inventories, extra, findings)
  const sitePath = join(project, 'playbooks', 'site.yml')
  const directory = options.playbooks[0] === undefined ? dirname(sitePath) : dirname(expandPath(options.playbooks[0]))
  const runsSite = options.playbooks.some(path => expandPath(path) === sitePath)
  const site =
    runsSite || !existsSync(sitePath)
      ? []
      : readPlaybook(sitePath, {findings, extra, inventory}).filter(concerns(inventory))
  const hosts = fleetHosts(
    scopes,
    directory,
    {flag: options.user, play: remoteUsers([...running, ...site], inventory, findings)},
    options.access ?? {},
    findings,
  )
  for (const {sections} of [...running, ...site])
    for (const {raw, at} of Object.values(sections).flat())
      if (raw['register'] !== undefined && !findings.registered.has(raw['register']))
        findings.registered.set(raw['register'], spotOf(raw, 'register')?.value ?? at)
  const {limit} = options
  const before = findings.count
  const limited =
    limit === undefined
      ? [...inventory.hosts.keys()]
      : matchHosts(limitParts(limit, options.lastFailed, findings), inventory, {findings, where: '--limit'})
  if (limit !== undefined && limited.length === 0 && findings.count === before && inventory.hosts.size > 0)
    findings.add({rule: 'no-hosts', what: `--limit '${limit}' leaves no host`, fix: 'use a wider pattern'})
  const [source = '.'] = [...inventory.hosts.values()].map(host => host.directory)
  const context: LoadContext = {
    findings,
    inventory,
    scopes,
    roles: new Roles(project, findings),
    calls: new RoleCalls(new Map([...hosts].map(([name, {host}]) => [name, host])), findings),
    choice: {tags: readTags(options.tags), skipTags: readTags(options.skipTags)},
    limit: new Set(limited),
    knownTags: new Set(),
    registers: new Registers(),
    taskIds: new Map(),
    home: `${displayPath(join(source, 'group_vars', 'all.yml'))} or, per host, ${displayPath(join(source, 'host_vars'))}/`,
    become: options.become ?? false,
    verbosity: options.verbosity ?? 0,
    fleet: hosts,
    appliedRoles: rolesIn([...running, ...site]),
    scenarios: options.scenarios,
    flow: options.flow,
  }
  return {context, hosts, site, hasSite: runsSite || site.length > 0, directory}
}

const rolesIn = (plays: readonly RawPlay[]): ReadonlySet<string> =>
  new Set(plays.flatMap(({sections}) => sections.roles.map(({raw}) => String(raw['role'] ?? raw['name']))))

/** A play of the site playbook that matches nothing in the inventory at hand has nothing to offer to it. */
const concerns =
  (inventory: Inventory) =>
  ({hosts}: RawPlay): boolean =>
    matchHosts(hosts, inventory, {findings: new Findings(), where: 'hosts'}).length > 0

/** The rules over the whole fleet; throws InvalidInput when anything was found. */
export const conclude = (
  plays: readonly Play[],
  {context, hosts, hasSite}: Ground,
  {connects = true}: Pick<LoadOptions, 'connects'> = {},
): Fleet => {
  const {findings, calls} = context
  calls.finish()
  const offers = calls.offers()
  const health = calls.health()
  const running = new Set(
    plays.flatMap(({entries}) => entries.flatMap(entry => (entry.entry === 'role' ? [entry.call] : []))),
  )
  const liveFacts = calls.liveFacts(running)
  checkFacts(findings.facts, calls.facts(), findings)
  preflight({hosts: [...hosts.values()], offers, roles: hasSite ? calls.applied() : new Map()}, findings)
  const used = new Set(plays.flatMap(play => play.hosts))
  const pairs = new Set([...used].map(name => hosts.get(name)?.host.pair).filter(pair => pair !== undefined))
  const connected = [...hosts.values()].filter(
    ({name, host}) => used.has(name) || (host.pair !== undefined && pairs.has(host.pair)),
  )
  checkFiles(connects ? connected : [], findings)
  findings.throwIfAny()
  return {
    plays,
    health,
    events: calls.events(),
    liveFacts,
    ...observing(plays, calls, host => offers.flatMap(each => (each.host === host ? [each.offer] : []))),
    liveProblems: (host, factsOf) =>
      calls.liveProblems(host, {
        factsOf,
        of: running,
        offers: offers.flatMap(each => (each.host === host ? [each.offer] : [])),
      }),
    hosts: new Map(
      [...hosts].map(([name, {values: _values, at: _at, ...host}]) => [
        name,
        {...host, host: calls.hostOf(name) ?? host.host},
      ]),
    ),
    offers: new Map(
      [...hosts.keys()].map(name => [name, offers.flatMap(({host, offer}) => (host === name ? [offer] : []))]),
    ),
  }
}

/** Builds plays in order; those of the site playbook only for what their roles say. */
export const buildAll = async (plays: readonly RawPlay[], context: LoadContext): Promise<readonly Play[]> => {
  const built: Play[] = []
  for (const raw of plays) {
    const play = await buildPlay(raw, built.length, context)
    if (play) built.push(play)
  }
  return built
}
