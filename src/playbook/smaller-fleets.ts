import {Findings} from '../diagnostics/findings.ts'
import {markEntry} from '../diagnostics/positions.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {buildTaskCall} from './build-role.ts'
import {readExtraVars} from './extra-vars.ts'
import {buildAll, conclude, type Ground, prepare} from './ground.ts'
import type {Entry, Fleet, LoadOptions, Play} from './model.ts'
import {becomeUsers} from './play-become.ts'
import type {PlayContext} from './play-context.ts'

const at = {file: 'command line', line: 0, column: 0}

const choose = (pattern: string, {context}: Ground): readonly string[] => {
  const {inventory, findings, limit} = context
  const hosts = matchHosts(pattern, inventory, {findings, where: 'the pattern'}).filter(host => limit.has(host))
  if (hosts.length === 0 && findings.count === 0)
    findings.add({rule: 'no-hosts', what: `the pattern '${pattern}' leaves no host`, fix: 'use a wider pattern'})
  return hosts
}

/** One play for all hosts that become the same user. */
const playsOf = (
  name: string,
  hosts: readonly string[],
  entries: readonly Entry[],
  ground: Ground,
  gatherFacts: boolean,
): readonly Play[] => {
  const scopes = new Map(hosts.map(host => [host, ground.context.scopes.of(host, ground.directory)]))
  return [...becomeUsers({raw: {}, at}, scopes, ground.context)].map(([become, members], index) => ({
    index,
    name,
    at,
    hosts: members,
    gatherFacts,
    become: () => become,
    serial: [],
    entries,
    handlers: [],
    anyErrorsFatal: false,
  }))
}

/** Hosts without a playbook, for `exec` and `facts`: plays without entries. */
export const hostsFleet = async (options: LoadOptions, pattern: string): Promise<Fleet> => {
  const findings = new Findings()
  const ground = prepare(options, findings)
  const hosts = choose(pattern, ground)
  return conclude(playsOf(pattern, hosts, [], ground, true), ground)
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
  const findings = new Findings()
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
  const play: PlayContext = {
    ...context,
    index: 0,
    directory,
    tags: [],
    hosts: scopes,
    handlers: new Map(),
    become: undefined,
  }
  if (!/^[\w-]+\.[\w-]+$/.test(task))
    findings.add({
      rule: 'task-form',
      what: `'${task}' is not a task`,
      fix: 'write ROLE.TASK, for example vrrp.switchover',
    })
  const entry = findings.count === 0 ? await buildTaskCall(raw, at, play) : undefined
  return conclude(playsOf(task, hosts, entry ? [entry] : [], ground, false), ground)
}
