import {Findings} from '../diagnostics/findings.ts'
import {markEntry} from '../diagnostics/positions.ts'
import {metricsOf} from '../facts/metrics.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {buildTaskCall} from './build-role.ts'
import {readExtraVars} from './extra-vars.ts'
import type {Frame} from './frames.ts'
import {buildAll, conclude, type Ground, prepare} from './ground.ts'
import {Handlers} from './handlers.ts'
import type {Entry, Fleet, LoadOptions, Play} from './model.ts'
import {becomeUsers} from './play-become.ts'
import type {PlayContext} from './play-context.ts'
import type {RawPlay} from './read-playbook.ts'
import {staticScope} from './static-values.ts'

const at = {file: 'command line', line: 0, column: 0}

const choose = (pattern: string, {context}: Ground): readonly string[] => {
  const {inventory, findings, limit} = context
  const hosts = matchHosts(pattern, inventory, {findings, where: 'the pattern'}).filter(host => limit.has(host))
  if (hosts.length === 0 && findings.count === 0)
    findings.add({rule: 'no-hosts', what: `the pattern '${pattern}' leaves no host`, fix: 'use a wider pattern'})
  return hosts
}

/** One play for all of them. */
const playOf = (
  name: string,
  hosts: readonly string[],
  entries: readonly Entry[],
  ground: Ground,
  gatherFacts: boolean,
): readonly Play[] => {
  const scopes = new Map(hosts.map(host => [host, ground.context.scopes.of(host, ground.directory)]))
  const users = becomeUsers([], scopes, ground.context)
  const become = (host: string): string | undefined => users.get(host)
  return [{index: 0, name, at, hosts, gatherFacts, become, serial: [], entries, handlers: [], anyErrorsFatal: false}]
}

/** Hosts without a playbook, for `exec` and `facts`: plays without entries. */
export const hostsFleet = async (options: LoadOptions, pattern: string): Promise<Fleet> => {
  const findings = new Findings(options.keys)
  const ground = prepare(options, findings)
  const hosts = choose(pattern, ground)
  return conclude(playOf(pattern, hosts, [], ground, true), ground)
}

/** Hosts that are asked what their roles tell monitoring, by the site playbook. */
export const statusFleet = async (options: LoadOptions, pattern: string): Promise<Fleet> => {
  const findings = new Findings(options.keys)
  const ground = prepare(options, findings)
  const hosts = choose(pattern, ground)
  await buildAll(ground.site, ground.context)
  const fleet = conclude(playOf(pattern, hosts, [], ground, false), ground)
  return {
    ...fleet,
    liveFacts: new Map(hosts.map(host => [host, [metricsOf(fleet.offers.get(host) ?? [])]])),
    health: new Map(),
  }
}

/**
 * One task of a role on hosts, with the variables that the site playbook gives the role there. `extra` are `-e` of the
 * command line, the task's arguments.
 */
export const taskFleet = async (
  options: LoadOptions,
  pattern: string,
  task: string,
  extra: readonly string[] = [],
): Promise<Fleet> => {
  const findings = new Findings(options.keys)
  const args = Object.assign({}, ...readExtraVars(extra, findings).map(({vars}) => vars)) as Record<string, unknown>
  const ground = prepare(options, findings)
  const {context, directory} = ground
  const hosts = choose(pattern, ground)
  await buildAll(ground.site, context)
  const raw = {task, args}
  markEntry(raw, 'task', {key: at, value: at})
  const scopes = new Map(
    hosts.map(host => [
      host,
      context.calls.scopeOf(task.split('.')[0] ?? '', host) ?? context.scopes.of(host, directory),
    ]),
  )
  const frame: Frame = {owner: 'a task', raw, at}
  const whole: RawPlay = {
    raw: {},
    directory,
    at,
    hosts: [pattern],
    frames: [],
    vars: [],
    statics: staticScope([], {}, {at, directory, extra: context.scopes.extra, inventory: context.inventory}),
    sections: {pre_tasks: [], roles: [], tasks: [], post_tasks: [], handlers: []},
  }
  const play: PlayContext = {
    ...context,
    index: 0,
    play: whole,
    hosts: scopes,
    handlers: new Handlers(whole, context),
  }
  if (!/^[\w-]+\.[\w-]+$/.test(task))
    findings.add({
      rule: 'task-form',
      what: `'${task}' is not a task`,
      fix: 'write ROLE.TASK, for example vrrp.switchover',
    })
  const entry =
    findings.count === 0
      ? await buildTaskCall({raw, at, frames: [frame], blocks: [], tags: [], directory}, true, play)
      : undefined
  return conclude(playOf(task, hosts, entry ? [entry] : [], ground, false), ground)
}
