import {formatDiagnostic, InvalidInput} from '../diagnostic.ts'
import type {Registered} from '../executor/plan.ts'
import {idleReason} from '../executor/troubles.ts'
import type {Line, LineOrigin} from '../planner/line.ts'
import type {Resource} from '../resources/resource.ts'
import {standingBy} from '../resources/stand-by.ts'
import {isResting} from '../role.ts'
import {NeedsResult} from './evaluation-error.ts'
import {KnownResults} from './known-results.ts'
import type {LinesContext} from './lines.ts'
import type {Entry, Play, RoleCall, Round} from './model.ts'
import {roleFacts} from './role-facts.ts'
import type {Slot} from './slots.ts'

/** The lines of one entry on a host. Throws InvalidInput for what is wrong whatever the results are. */
export const linesOfEntry = (
  entry: Entry,
  {play, number}: Slot,
  slots: readonly Slot[],
  context: LinesContext,
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
  const registered = new KnownResults(slots, number, context)
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
        return []
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

const emptyResult: Registered = {
  changed: false,
  failed: false,
  skipped: true,
  skipped_reason: 'No items in the list',
  results: [],
}

const emptyLoop = (origin: LineOrigin, entry: Entry): Line => ({
  ...origin,
  unit: unitOf(entry, 0, false),
  line: 'skipped',
  id: nameOf(entry),
  reason: 'the loop is empty',
  result: emptyResult,
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

const roleResources = ({role, vars, peers}: RoleCall, {fleet, host, facts}: LinesContext): readonly Resource[] => {
  const resources = role.resources({
    vars: vars.get(host.name),
    facts: roleFacts(role, facts),
    host: host.host,
    peers: peers.get(host.name) ?? [],
    offers: fleet.offers.get(host.name) ?? [],
    fleet: [...fleet.hosts.values()].map(each => ({...each.host, offers: fleet.offers.get(each.name) ?? []})),
  })
  return isResting(role, host.host) ? standingBy(role.name, resources) : resources
}

const taskLine = (
  {call}: Entry & {readonly entry: 'task'},
  play: Play,
  args: Readonly<Record<string, unknown>>,
  origin: LineOrigin,
  {host, facts, runTask, taskId}: LinesContext,
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

/** Whether handlers are flushed here. What decides it may not be known yet; then they are, and are not notified. */
export const isFlushed = ({gate, number}: Slot, slots: readonly Slot[], context: LinesContext): boolean => {
  const {host, facts, found} = context
  if (!gate) return !found.troubles.ends
  if (idleReason(found.troubles, gate.control.blocks) !== undefined) return false
  try {
    return gate.when(host.name, {facts, registered: new KnownResults(slots, number, context)})
  } catch (error) {
    if (error instanceof NeedsResult) return true
    throw error
  }
}

const originOf = ({origin, control}: Entry, play: Play, host: string): Omit<LineOrigin, 'slot'> => ({
  play: play.index,
  become: control.become(host),
  blocks: control.blocks,
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
