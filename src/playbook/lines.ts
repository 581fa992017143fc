import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import type {Fact} from '../facts/fact.ts'
import type {Line, LineOrigin} from '../planner/line.ts'
import {handlerResource} from '../resources/handler.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {Command} from '../shell/command.ts'
import {Secret} from '../shell/secret.ts'
import type {Entry, Facts, Fleet, FleetHost, Play, RoleCall, TaskCall} from './model.ts'

/** Runs a role's task on a host; made by the run, which has the sessions. */
export type RunTask = (order: {
  readonly call: TaskCall
  /** Of its line. */
  readonly id: string
  readonly play: Play
  readonly host: string
  readonly facts: Facts
  readonly how: 'run' | 'plan'
}) => Promise<{changed: boolean; message?: string}>

type LinesOptions = {readonly fleet: Fleet; readonly host: FleetHost; readonly facts: Facts; readonly runTask: RunTask}
/** `taskId`: a task that stands in a run more than once is numbered. */
type Context = LinesOptions & {readonly taskId: (task: string) => string}

/** A host's ordered list over all plays, once its facts are known. Throws InvalidInput with every conflict. */
export const linesOf = (options: LinesOptions): Line[] => {
  const context: Context = {...options, taskId: numbered()}
  const seen = new Map<string, Seen[]>()
  const diagnostics: Diagnostic[] = []
  const keep = (line: Line): Line[] => {
    if (line.line !== 'resource') return [line]
    const {resource, at} = line
    const {id, kind, desired} = resource
    const before = seen.get(id) ?? []
    const same = before.find(one => sameDesired(one.desired, desired))
    const opposite = before.find(one => !(kind.follows?.(one.desired, desired) ?? false))
    // The one that stays notifies for both.
    if (same)
      same.notify.push(...resource.notify.filter(handler => !same.notify.some(known => known.id === handler.id)))
    else if (opposite) diagnostics.push(conflict(id, context.host.name, at, opposite.at))
    if (same || opposite) return []
    const notify = [...resource.notify]
    seen.set(id, [...before, {desired, at, notify}])
    return [{...line, resource: {...resource, notify, ...(before.length > 0 && {id: `${id} (${before.length + 1})`})}}]
  }
  const plays = context.fleet.plays
    .filter(({hosts}) => hosts.includes(context.host.name))
    .map(play => play.entries.flatMap(entry => linesOfEntry(entry, play, context)).flatMap(keep))
  if (diagnostics.length > 0) throw new InvalidInput(diagnostics)
  const config = configOf(plays.flat())
  return plays.flatMap(own => [...own, ...handlerLines(own, config)])
}

type Seen = {readonly desired: object; readonly at: Position | undefined; readonly notify: Handler[]}

const numbered = (): ((task: string) => string) => {
  const counts = new Map<string, number>()
  return task => {
    const count = (counts.get(task) ?? 0) + 1
    counts.set(task, count)
    return count === 1 ? `task ${task}` : `task ${task} (${count})`
  }
}

/** Secrets and what commands read print alike, so they are revealed for the comparison; the order of keys says nothing. */
const sameDesired = (one: object, other: object): boolean => revealed(one) === revealed(other)
const revealed = (desired: object): string =>
  JSON.stringify(desired, function (this: Record<string, unknown>, key, value: unknown) {
    const raw = this[key]
    if (raw instanceof Secret) return {secret: raw.reveal()}
    if (raw instanceof Command) return {command: raw.text, stdin: raw.stdin}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })

const linesOfEntry = (entry: Entry, play: Play, context: Context): Line[] => {
  const {host, facts} = context
  const origin = originOf(entry, play, host.name)
  const known = {facts, registered: new Map()}
  if (entry.entry === 'rounds')
    return entry
      .rounds(host.name, known)
      .flatMap((round): Line[] =>
        round.does === 'resources'
          ? round.resources.map(resource => ({...origin, line: 'resource', resource}))
          : [{...origin, line: 'skipped', id: nameOf(entry)}],
      )
  if (entry.entry === 'flush') return []
  if (!entry.when(host.name, known)) return [{...origin, line: 'skipped', id: nameOf(entry)}]
  if (entry.entry === 'role')
    return roleResources(entry.call, context).map(resource => ({...origin, line: 'resource', resource}))
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

const taskLine = (call: TaskCall, play: Play, origin: LineOrigin, {host, facts, runTask, taskId}: Context): Line => {
  const id = taskId(call.task)
  const order = {call, id, play, host: host.name, facts}
  return {
    ...origin,
    line: 'task',
    id,
    task: {id, run: () => runTask({...order, how: 'run'})},
    ...(call.plan && {plan: () => runTask({...order, how: 'plan'})}),
  }
}

/** Handler id -> the files of all plays that its unit runs with: two handlers of one unit are the same debt. */
const configOf = (lines: readonly Line[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const config = new Map<string, Set<string>>()
  for (const line of lines) {
    if (line.line !== 'resource') continue
    const {kind, desired, notify} = line.resource
    for (const {id} of notify) config.set(id, new Set([...(config.get(id) ?? []), ...(kind.paths?.(desired) ?? [])]))
  }
  return config
}

/** At the end of a play: its handlers, in the order in which they were first named. */
const handlerLines = (lines: readonly Line[], config: ReadonlyMap<string, ReadonlySet<string>>): Line[] => {
  const handlers = new Map<string, {handler: Handler; origin: LineOrigin}>()
  for (const line of lines) {
    if (line.line !== 'resource') continue
    const {resource, line: _line, ...origin} = line
    for (const handler of resource.notify) if (!handlers.has(handler.id)) handlers.set(handler.id, {handler, origin})
  }
  return [...handlers.values()].map(({handler, origin}) => ({
    ...origin,
    line: 'handler',
    handler,
    resource: handlerResource({
      unit: handler.unit,
      action: handler.action,
      config: [...(config.get(handler.id) ?? [])].toSorted(),
    }),
  }))
}

const originOf = ({origin, control}: Entry, play: Play, host: string): LineOrigin => ({
  play: play.index,
  become: control.become(host),
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
