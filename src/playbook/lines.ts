import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import type {Fact} from '../facts/fact.ts'
import type {Line, LineOrigin} from '../planner/line.ts'
import {handlerResource} from '../resources/handler.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {Secret} from '../shell/secret.ts'
import type {Entry, Facts, Fleet, FleetHost, Play, RoleCall, TaskCall} from './model.ts'

/** Runs a role's task on a host; made by the run, which has the sessions. */
export type RunTask = (
  call: TaskCall,
  play: Play,
  host: string,
  facts: Facts,
  how: 'run' | 'plan',
) => Promise<{changed: boolean; message?: string}>

type Context = {readonly fleet: Fleet; readonly host: FleetHost; readonly facts: Facts; readonly runTask: RunTask}

/** A host's ordered list over all plays, once its facts are known. Throws InvalidInput with every conflict. */
export const linesOf = (context: Context): Line[] => {
  const seen = new Map<string, {resource: Resource; at: Position | undefined}>()
  const diagnostics: Diagnostic[] = []
  const keep = (line: Line): boolean => {
    if (line.line !== 'resource') return true
    const {resource, at} = line
    const first = seen.get(resource.id)
    if (!first) {
      seen.set(resource.id, {resource, at})
      return true
    }
    if (!sameDesired(first.resource.desired, resource.desired))
      diagnostics.push(conflict(resource.id, context.host.name, at, first.at))
    return false
  }
  const lines = context.fleet.plays
    .filter(play => play.hosts.includes(context.host.name))
    .flatMap(play => {
      const own = play.entries.flatMap(entry => linesOfEntry(entry, play, context)).filter(keep)
      return [...own, ...handlerLines(play, own)]
    })
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics)
  return lines
}

/** Secrets print alike, so they are revealed for the comparison. */
const sameDesired = (one: object, other: object): boolean => revealed(one) === revealed(other)
const revealed = (desired: object): string =>
  JSON.stringify(desired, function (this: Record<string, unknown>, key, value: unknown) {
    const raw = this[key]
    return raw instanceof Secret ? {secret: raw.reveal()} : value
  })

const linesOfEntry = (entry: Entry, play: Play, context: Context): Line[] => {
  const {host, facts} = context
  const origin = originOf(entry, play)
  if (!entry.when(host.name, facts)) return [{...origin, line: 'skipped', id: nameOf(entry)}]
  if (entry.entry === 'role')
    return roleResources(entry.call, context).map(resource => ({...origin, line: 'resource', resource}))
  if (entry.entry === 'resource')
    return entry.resourcesFor(host.name, facts).map(resource => ({...origin, line: 'resource', resource}))
  return [taskLine(entry.call, play, origin, context)]
}

const roleResources = ({role, vars, peers}: RoleCall, {fleet, host, facts}: Context): readonly Resource[] =>
  role.resources({
    vars: vars.get(host.name),
    facts: Object.fromEntries(
      Object.entries(role.facts as Record<string, Fact<unknown>>).map(([key, fact]) => [key, facts[fact.name]]),
    ),
    host: host.host,
    peers: peers.get(host.name) ?? [],
    offers: fleet.offers.get(host.name) ?? [],
  })

const taskLine = (call: TaskCall, play: Play, origin: LineOrigin, {host, facts, runTask}: Context): Line => {
  const id = `task ${call.task}`
  return {
    ...origin,
    line: 'task',
    id,
    task: {id, run: () => runTask(call, play, host.name, facts, 'run')},
    ...(call.plan && {plan: () => runTask(call, play, host.name, facts, 'plan')}),
  }
}

/** At the end of a play: its handlers, in the order in which they were first named. */
const handlerLines = (play: Play, lines: readonly Line[]): Line[] => {
  const handlers = new Map<string, {handler: Handler; config: string[]; origin: LineOrigin}>()
  for (const line of lines) {
    if (line.line !== 'resource') continue
    const {resource, line: _line, ...origin} = line
    for (const handler of resource.notify) {
      const known = handlers.get(handler.id) ?? {handler, config: [], origin: {...origin, play: play.index}}
      known.config.push(...(resource.kind.paths?.(resource.desired) ?? []))
      handlers.set(handler.id, known)
    }
  }
  return [...handlers.values()].map(({handler, config, origin}) => ({
    ...origin,
    line: 'handler',
    handler,
    resource: handlerResource({unit: handler.unit, action: handler.action, config: [...new Set(config)].toSorted()}),
  }))
}

const originOf = ({origin}: Entry, play: Play): LineOrigin => ({
  play: play.index,
  become: play.become,
  ...(origin.role !== undefined && {role: origin.role}),
  ...(origin.name !== undefined && {name: origin.name}),
  ...(origin.at && {at: origin.at}),
})

const nameOf = (entry: Entry): string => {
  if (entry.entry === 'role') return `role ${entry.call.role.name}`
  if (entry.entry === 'task') return `task ${entry.call.task}`
  return entry.origin.name ?? 'task'
}

const conflict = (id: string, host: string, at: Position | undefined, first: Position | undefined): Diagnostic => ({
  rule: 'conflicting-resource',
  host,
  what: `${id} is wanted in two different states`,
  ...(first && {why: `the other is at ${first.file}:${first.line}:${first.column}`}),
  fix: 'keep one of them',
  ...(at && {at}),
})
