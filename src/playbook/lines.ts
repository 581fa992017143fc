import {type Diagnostic, formatDiagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import {type InBlock, keyOf, type Registered, type Troubles} from '../executor/plan.ts'
import {idleReason} from '../executor/troubles.ts'
import type {Fact} from '../facts/fact.ts'
import type {Line, LineOrigin} from '../planner/line.ts'
import {handlerResource} from '../resources/handler.ts'
import type {Handler, Resource} from '../resources/resource.ts'
import {NeedsResult} from './evaluation-error.ts'
import {KnownResults} from './known-results.ts'
import type {Entry, Facts, Fleet, FleetHost, Known, Play, RoleCall, Round, TaskCall} from './model.ts'
import {sameDesired} from './same-desired.ts'

/** Runs a role's task on a host; made by the run, which has the sessions. */
export type RunTask = (order: {
  readonly call: TaskCall
  /** Of its line. */
  readonly id: string
  readonly play: Play
  readonly host: string
  readonly facts: Facts
  readonly args: Readonly<Record<string, unknown>>
  readonly become: string | undefined
  readonly how: 'run' | 'plan'
}) => Promise<{changed: boolean; message?: string}>

export type LinesOptions = {
  readonly fleet: Fleet
  readonly host: FleetHost
  readonly facts: Facts
  readonly runTask: RunTask
  readonly factsOf?: Known['factsOf']
  /** For an entry that runs once: the host on which it does, and what it has come to there. */
  readonly once: (entry: Entry, play: Play, host: string) => Once
}

export type Once = {readonly host: string; readonly result: Registered | undefined; readonly isReal: boolean}

/** What the lines depend on and changes while a run goes on. */
export type Found = {
  /** Slot -> result, predicted or real. */
  readonly results: ReadonlyMap<number, Registered>
  /** Slots whose results are real. */
  readonly real: ReadonlySet<number>
  readonly troubles: Troubles
}

export type Slot = {readonly play: Play; readonly entry: Entry | 'handlers'; readonly number: number}

/** The entries of a host over all plays, in order, each play ending with its handlers. */
export const slotsOf = ({plays}: Fleet, host: string): readonly Slot[] =>
  plays
    .filter(({hosts}) => hosts.includes(host))
    .flatMap(play => [...play.entries, 'handlers' as const].map(entry => ({play, entry})))
    .map((slot, number) => ({...slot, number}))

type Context = LinesOptions & {readonly found: Found; readonly taskId: (task: string) => string}

/** Makes a host's ordered list over all plays: \`kept\` lines that stand already stay as they are. Throws InvalidInput. */
export type MakeLines = (found: Found, kept: number) => readonly Line[]

export const linesOf = (options: LinesOptions): MakeLines => {
  const slots = slotsOf(options.fleet, options.host.name)
  let lines: readonly Line[] = []
  return (found, kept) => {
    lines = extend(lines.slice(0, kept), slots, {...options, found, taskId: numbered()})
    return lines
  }
}

/** The lines that stand, and those of all slots from the last of theirs on. */
const extend = (standing: readonly Line[], slots: readonly Slot[], context: Context): readonly Line[] => {
  const from = standing.at(-1)?.slot ?? 0
  const all: Line[] = []
  const seen = new Seen(context.host.name)
  for (const line of standing) {
    all.push(line)
    seen.keep(line)
    if (line.line === 'task') context.taskId(line.id.replace(/^task | \(\d+\)$/g, ''))
  }
  const before = (): readonly Line[] => all.map(line => seen.notifying(line))
  let inSlot = standing.filter(({slot}) => slot === from).length
  for (const slot of slots.slice(from)) {
    const made =
      slot.entry === 'handlers'
        ? handlerLines(before(), slot, slots, context)
        : linesOfEntry(slot.entry, slot, before, slots, context)
    // Lines of a slot that was begun are made again only to be left out.
    const fresh = made.slice(inSlot)
    inSlot = 0
    all.push(...fresh.flatMap(line => seen.keep(line)))
  }
  if (seen.diagnostics.length > 0) throw new InvalidInput(seen.diagnostics)
  return withConfig(all.map(line => seen.notifying(line)))
}

/** Resources that a host's list has already: an equal one stays at its first place, which notifies for both. */
class Seen {
  readonly diagnostics: Diagnostic[] = []
  readonly #host: string
  readonly #known = new Map<string, One[]>()
  readonly #notify = new Map<Resource['desired'], Handler[]>()

  constructor(host: string) {
    this.#host = host
  }

  keep(line: Line): readonly Line[] {
    if (line.line !== 'resource') return [line]
    const {resource, at, on} = line
    const {kind, desired} = resource
    const id = `${kind.name} ${kind.identify(desired)}`
    const key = keyOf(id, on)
    const before = this.#known.get(key) ?? []
    const isEachTime = kind.act || kind.isInOrder?.(desired)
    const same = isEachTime ? undefined : before.find(one => sameDesired(one.desired, desired))
    const opposite = kind.act ? undefined : before.find(one => !(kind.isBeside?.(one.desired, desired) ?? false))
    if (same) this.#add(same.desired, resource.notify)
    else if (opposite) this.diagnostics.push(conflict(id, this.#host, at, opposite.at))
    if (same || opposite) return line.unit?.registers ? [repeated(line)] : []
    this.#known.set(key, [...before, {desired, at}])
    this.#add(desired, resource.notify)
    return [before.length > 0 ? {...line, resource: {...resource, id: `${id} (${before.length + 1})`}} : line]
  }

  notifying(line: Line): Line {
    if (line.line !== 'resource') return line
    const notify = this.#notify.get(line.resource.desired) ?? line.resource.notify
    return {...line, resource: {...line.resource, notify}}
  }

  #add(desired: Resource['desired'], notify: readonly Handler[]): void {
    const known = this.#notify.get(desired) ?? []
    this.#notify.set(desired, [...known, ...notify.filter(({id}) => !known.some(one => one.id === id))])
  }
}

type One = {readonly desired: Resource['desired']; readonly at: Position | undefined}

/** A state that stands earlier already; its result is wanted all the same. */
const repeated = ({line: _, resource, ...origin}: Line & {line: 'resource'}): Line => ({
  ...origin,
  line: 'said',
  id: resource.id,
  message: 'as before',
  failed: false,
  result: {changed: false, failed: false},
})

const numbered = (): ((task: string) => string) => {
  const counts = new Map<string, number>()
  return task => {
    const count = (counts.get(task) ?? 0) + 1
    counts.set(task, count)
    return count === 1 ? `task ${task}` : `task ${task} (${count})`
  }
}

const linesOfEntry = (
  entry: Entry,
  {play, number}: Slot,
  before: () => readonly Line[],
  slots: readonly Slot[],
  context: Context,
): readonly Line[] => {
  const {host, facts, found, factsOf} = context
  const basis = {...originOf(entry, play, host.name), slot: number}
  const idle = idleReason(found.troubles, entry.control.blocks)
  if (idle !== undefined) return [{...basis, line: 'skipped', id: nameOf(entry), reason: idle}]
  if (entry.control.runOnce) {
    const once = context.once(entry, play, host.name)
    if (once.host !== host.name)
      return [{...basis, line: 'skipped', id: nameOf(entry), reason: `runs once, on ${once.host}`}]
  }
  const registered = new KnownResults(slots.slice(0, number), context)
  const known = {facts, registered, ...(factsOf && {factsOf})}
  const {control} = entry
  let notifies: readonly object[] = []
  const provisional = (): LineOrigin => {
    const name = control.name(host.name, known)
    return {
      ...basis,
      ...(name !== undefined && {name}),
      ...(notifies.length > 0 && {notifies}),
      ...(registered.isProvisional && {isProvisional: true}),
    }
  }
  try {
    notifies = control.notifies(host.name, known).map(handler => handler.entry)
    if (entry.entry === 'rounds') {
      const ignoreErrors = entry.control.ignoreErrors(host.name, known)
      const rounds = entry.rounds(host.name, known)
      if (rounds.length === 0) return [emptyLoop(provisional(), entry)]
      return rounds.flatMap((round, index) => linesOfRound(round, index, entry, provisional(), ignoreErrors))
    }
    if (!entry.when(host.name, known)) return [{...provisional(), line: 'skipped', id: nameOf(entry)}]
    switch (entry.entry) {
      case 'flush':
        return handlerLines(before(), {play, number, entry: 'handlers'}, slots, context)
      case 'role':
        return roleResources(entry.call, context).map(resource => ({...provisional(), line: 'resource', resource}))
      case 'task': {
        const args = entry.call.argsFor(host.name, known)
        const ignoreErrors = entry.control.ignoreErrors(host.name, known)
        return [taskLine(entry, play, args, {...provisional(), unit: unitOf(entry, 0, ignoreErrors)}, context)]
      }
    }
  } catch (error) {
    if (error instanceof NeedsResult) return [deferred(basis, entry, error.message)]
    if (!(error instanceof InvalidInput) || !registered.isUsed) throw error
    if (registered.isProvisional) return [deferred(basis, entry, 'it depends on what a task before it will give')]
    const message = error.diagnostics.map(formatDiagnostic).join('; ')
    const unit = unitOf(entry, 0, false)
    return [
      {
        ...basis,
        unit,
        line: 'said',
        id: nameOf(entry),
        message,
        failed: true,
        result: {changed: false, failed: true, msg: message},
      },
    ]
  }
}

const deferred = (basis: LineOrigin, entry: Entry, reason: string): Line => ({
  ...basis,
  isProvisional: true,
  unit: unitOf(entry, 0, false),
  line: 'deferred',
  id: nameOf(entry),
  reason,
})

const unitOf = (entry: Entry, round: number, ignoreErrors: boolean, of?: Round) => ({
  round,
  isLoop: entry.entry === 'rounds' && entry.isLoop,
  ...(of?.item && {item: of.item}),
  judge: of?.does === 'resources' ? of.judge : {},
  ignoreErrors,
  registers: entry.control.register !== undefined,
  environment: of?.does === 'resources' ? of.environment : {},
})

const emptyLoop = (origin: LineOrigin, entry: Entry): Line => ({
  ...origin,
  unit: unitOf(entry, 0, false),
  line: 'skipped',
  id: nameOf(entry),
  reason: 'the loop is empty',
})

const linesOfRound = (
  round: Round,
  index: number,
  entry: Entry & {readonly entry: 'rounds'},
  origin: LineOrigin,
  ignoreErrors: boolean,
): readonly Line[] => {
  const basis = {...origin, unit: unitOf(entry, index, ignoreErrors, round)}
  const id = round.label === undefined ? nameOf(entry) : `${nameOf(entry)} (${round.label})`
  switch (round.does) {
    case 'nothing':
      return [{...basis, line: 'skipped', id}]
    case 'say':
      return [{...basis, line: 'said', id, message: round.message, failed: round.failed, result: round.result}]
    case 'resources':
      return round.resources.map(resource => ({
        ...basis,
        ...(round.on !== undefined && {on: round.on}),
        line: 'resource',
        resource,
      }))
  }
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

const taskLine = (
  {call}: Entry & {readonly entry: 'task'},
  play: Play,
  args: Readonly<Record<string, unknown>>,
  origin: LineOrigin,
  {host, facts, runTask, taskId}: Context,
): Line => {
  const id = taskId(call.task)
  const order = {call, id, play, host: host.name, facts, args, become: origin.become}
  return {
    ...origin,
    line: 'task',
    id,
    task: {id, run: () => runTask({...order, how: 'run'})},
    ...(call.plan && {plan: () => runTask({...order, how: 'plan'})}),
  }
}

/** Where handlers are flushed: those that something of the play names, in the order in which they are defined. */
const handlerLines = (
  lines: readonly Line[],
  {play, number}: Slot,
  slots: readonly Slot[],
  context: Context,
): readonly Line[] => {
  const {host, found} = context
  const own = lines.filter(line => line.play === play.index)
  const units = new Map<string, {handler: Handler; origin: LineOrigin}>()
  const tasks = new Set<object>()
  for (const line of own) {
    for (const entry of line.notifies ?? []) tasks.add(entry)
    if (line.line !== 'resource') continue
    const {resource, line: _line, unit: _unit, blocks: _blocks, on: _on, ...origin} = line
    for (const handler of resource.notify)
      if (!units.has(handler.id)) units.set(handler.id, {handler, origin: {...origin, slot: number, blocks: []}})
  }
  if (found.troubles.ends) return []
  const unitLines = new Map([...units].map(([id, {handler, origin}]) => [id, unitLine(handler, origin)]))
  const ordered = play.handlers.flatMap((handler): readonly Line[] => {
    if (handler.of === 'unit') {
      const {id} = handler.handler(host.name)
      const line = unitLines.get(id)
      unitLines.delete(id)
      return line ? [line] : []
    }
    const {entry} = handler
    if (!tasks.has(entry)) return []
    const made = linesOfEntry(entry, {play, entry, number}, () => lines, slots, context)
    return made.map(line => ({...line, handles: entry}))
  })
  return [...unitLines.values(), ...ordered]
}

const unitLine = (handler: Handler, origin: LineOrigin): Line => ({
  ...origin,
  line: 'handler',
  handler,
  resource: handlerResource({unit: handler.unit, action: handler.action, config: []}),
})

/** Two handlers of one unit are the same debt: of the files of all plays that the unit runs with. */
const withConfig = (lines: readonly Line[]): readonly Line[] => {
  const config = new Map<string, Set<string>>()
  for (const line of lines) {
    if (line.line !== 'resource') continue
    const {kind, desired, notify} = line.resource
    for (const {id} of notify) config.set(id, new Set([...(config.get(id) ?? []), ...(kind.paths?.(desired) ?? [])]))
  }
  return lines.map(line => {
    if (line.line !== 'handler') return line
    const {unit, action, id} = line.handler
    return {...line, resource: handlerResource({unit, action, config: [...(config.get(id) ?? [])].toSorted()})}
  })
}

const originOf = ({origin, control}: Entry, play: Play, host: string): Omit<LineOrigin, 'slot'> => ({
  play: play.index,
  become: control.become(host),
  blocks: control.blocks as readonly InBlock[],
  ...(control.noLog && {noLog: true}),
  ...(control.anyErrorsFatal && {anyErrorsFatal: true}),
  ...(origin.role !== undefined && {role: origin.role}),
  ...(origin.name !== undefined && {name: origin.name}),
  ...(origin.at && {at: origin.at}),
})

const nameOf = (entry: Entry): string => {
  if (entry.entry === 'role') return `role ${entry.call.role.name}`
  if (entry.entry === 'task') return `task ${entry.call.task}`
  return entry.origin.name ?? (entry.entry === 'flush' ? 'flush handlers' : 'task')
}

const conflict = (id: string, host: string, at: Position | undefined, first: Position | undefined): Diagnostic => ({
  rule: 'conflicting-resource',
  host,
  what: `${id} is wanted in two different states`,
  ...(first && {why: `the other is at ${first.file}:${first.line}:${first.column}`}),
  fix: 'keep one of them',
  ...(at && {at}),
})
