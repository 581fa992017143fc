import {resolve} from 'node:path'
import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {isYes} from '../inventory/target.ts'
import type {Handler} from '../resources/resource.ts'
import {handler} from '../role.ts'
import {buildRole, buildTaskCall} from './build-role.ts'
import {buildTask, type RawTask} from './build-task.ts'
import {isMapping} from './mapping.ts'
import type {Entry, Play} from './model.ts'
import {moduleName} from './module-names.ts'
import {playBecome} from './play-become.ts'
import {attempt, type LoadContext, type PlayContext} from './play-context.ts'
import {readModuleCall} from './read-module-call.ts'
import {asList, hostPattern, type RawPlay} from './read-playbook.ts'
import type {Layer, Scope} from './scope.ts'
import {batchSizes} from './serial.ts'
import {isSelected} from './tags.ts'

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Variables that a play adds to those of its hosts. */
const playScope = (scope: Scope, {raw, directory, at}: RawPlay, name: string, context: LoadContext): Scope => {
  const vars: unknown = raw['vars']
  const own: Layer[] = isMapping(vars) ? [{name: `vars of the play '${name}'`, vars}] : []
  const files = asList(raw['vars_files']).flatMap((file, index) => {
    const given: unknown = raw['vars_files']
    const place = (Array.isArray(given) ? spotOf(given, index)?.value : spotOf(raw, 'vars_files')?.value) ?? at
    const path = attempt(context.findings, name, place, () =>
      String(scope.with(own, context.scopes.extra).value(file, place)),
    )
    const layer =
      typeof path === 'object' ? context.scopes.files.read(resolve(directory, path.value), place) : undefined
    return layer ? [layer] : []
  })
  return scope.with([...own, ...files], context.scopes.extra)
}

const handlersOf = (raw: RawPlay['raw']): ReadonlyMap<string, (scope: Scope) => Handler> =>
  new Map(
    list(raw['handlers'])
      .filter(Boolean)
      .map(given => {
        const {name, service} = given as {name: string; service: {name: string; state: string}}
        const action = service.state === 'reloaded' ? 'reload' : 'restart'
        return [
          name,
          scope => handler({unit: String(scope.value(service.name, spotOf(service, 'name')?.value)), action}),
        ]
      }),
  )

const buildEntry = async (raw: RawTask, at: Position, play: PlayContext): Promise<Entry | undefined> => {
  if (Object.hasOwn(raw, 'task') && !Object.keys(raw).some(moduleName)) return buildTaskCall(raw, at, play)
  const call = readModuleCall(raw, at, play.findings)
  return call && buildTask(raw, call, at, play)
}

/** The entries of one section; those that tags leave out are checked all the same. */
const buildSection = async (section: string, raw: RawPlay['raw'], play: PlayContext): Promise<readonly Entry[]> => {
  const items = list(raw[section])
  const entries: Entry[] = []
  for (const [index, item] of items.entries()) {
    const at = spotOf(items, index)?.value
    if (!at || item === undefined) continue
    const isRole = section === 'roles'
    const entry = isRole ? await buildRole(item, at, play) : await buildEntry(item as RawTask, at, play)
    const tags = [...play.tags, ...(typeof item === 'object' ? asList((item as RawTask)['tags']) : [])].flatMap(tag =>
      tag.split(','),
    )
    for (const tag of tags) play.knownTags.add(tag)
    if (entry && isSelected(tags, play.choice)) entries.push(entry)
  }
  return entries
}

/** One play: its hosts, and its entries in the order in which they run. */
export const buildPlay = async (rawPlay: RawPlay, index: number, context: LoadContext): Promise<Play | undefined> => {
  const {raw, at, directory, tags} = rawPlay
  const {findings, inventory, scopes} = context
  const pattern = hostPattern(raw['hosts'])
  if (pattern.length === 0) return undefined
  const hostsAt = spotOf(raw, 'hosts')?.value
  const all = matchHosts(pattern, inventory, {findings, at: hostsAt, where: 'hosts'})
  const name = raw['name'] === undefined ? pattern.join(',') : String(raw['name'])
  const hosts = new Map(all.map(host => [host, playScope(scopes.of(host, directory), rawPlay, name, context)]))
  const become = playBecome(rawPlay, hosts, context)
  const play: PlayContext = {
    ...context,
    become,
    index,
    directory,
    hosts,
    handlers: handlersOf(raw),
    tags: [...tags, ...asList(raw['tags'])].flatMap(tag => tag.split(',')),
  }
  const entries: Entry[] = []
  for (const section of ['pre_tasks', 'roles', 'tasks', 'post_tasks'])
    entries.push(...(await buildSection(section, raw, play)))
  const chosen = all.filter(host => context.limit.has(host))
  return {
    index,
    name,
    at,
    hosts: chosen,
    gatherFacts: raw['gather_facts'] === undefined || isYes(raw['gather_facts']),
    become: () => become,
    serial: batchSizes(raw['serial'], chosen.length),
    entries,
    handlers: [],
    anyErrorsFatal: false,
  }
}
