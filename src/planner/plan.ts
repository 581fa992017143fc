import {acts, type Verdict} from '../events.ts'
import {type Answers, keyOf, type LineOrigin, type PlanItem} from '../executor/plan.ts'
import {skippedResult} from '../executor/result.ts'
import {Foresight, Unforeseen} from '../resources/foresight.ts'
import {type Change, readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import {handlerReason} from './handler-reason.ts'
import type {Line} from './line.ts'
import {realisation} from './realisation.ts'
import {SettledLines} from './settled-lines.ts'
import {isNotified} from './task-handler.ts'

/** What a task that can tell said it would do, in check mode; `failed` is why it cannot. */
export type TaskPlan = {readonly changed: boolean; readonly message?: string} | {readonly failed: string}
/** By id; tasks that are not in it are unknown until applied. */
export type TaskPlans = ReadonlyMap<string, TaskPlan>

export type PlanOptions = {
  readonly answers: Answers
  /** What this run has already carried out: it stays as it is, and what follows is planned. */
  readonly done?: readonly PlanItem[]
  /** So many of them were done when the answers were given; what the others provide is foreseen. */
  readonly since?: number
  readonly tasks?: TaskPlans
}

/** Plans one host: a pure function of its ordered lines and the answers of their probes. */
export const planHost = (
  lines: readonly Line[],
  {answers, done = [], since = done.length, tasks = new Map()}: PlanOptions,
): PlanItem[] => {
  const items = [...done]
  const look: Look = {answers, tasks, before: items, foresight: new Foresight(), tentative: false}
  for (const item of done.slice(since)) foresee(item, look)
  const settled = new SettledLines(lines, answers)
  for (const [index, line] of lines.entries()) {
    if (index < done.length) continue
    const isRight = line.line === 'resource' && settled.has(line, index, look.foresight)
    const item = isRight ? {...basisOf(line, look), reason: 'right with what follows'} : planLine(line, look)
    if (isUnforeseen(item)) look.tentative = lookAgainBefore(items, done.length)
    items.push(item)
    foresee(item, look)
  }
  return items
}

const isUnforeseen = ({verdict, resource, realise}: PlanItem): boolean =>
  verdict === 'unknown' && resource !== undefined && realise.length === 0

/** The last of the changes made before is a barrier: behind it the host is probed again. */
const lookAgainBefore = (items: PlanItem[], from: number): boolean => {
  const index = items.findLastIndex(acts)
  const last = items[index]
  if (index < from || !last) return false
  items[index] = {...last, barrier: true}
  return true
}

/** What is known at a line: the host's answers, and what the lines before it will have done. */
type Look = {
  readonly answers: Answers
  readonly tasks: TaskPlans
  readonly before: readonly PlanItem[]
  readonly foresight: Foresight
  tentative: boolean
}

const foresee = (item: PlanItem, look: Look): void => {
  if (!acts(item)) return
  look.tentative ||= item.barrier
  if (item.provides && item.origin.on === undefined) look.foresight.add(item.provides)
}

const planLine = (line: Line, look: Look): PlanItem => {
  if (line.handles) {
    const notified = isNotified(line, look.before)
    if (notified === 'no')
      return {...itemOf(line, idOf(line), 'skipped'), reason: 'not notified', result: skippedResult}
    if (notified === 'perhaps')
      return {...planned(line, look), verdict: 'unknown', reason: 'only if what notifies it changes something'}
  }
  return planned(line, look)
}

const planned = (line: Line, look: Look): PlanItem => {
  switch (line.line) {
    case 'task':
      return planTask(line, look)
    case 'skipped':
      return {
        ...itemOf(line, line.id, 'skipped'),
        result: line.result ?? skippedResult,
        ...(line.reason !== undefined && {reason: line.reason}),
      }
    case 'said': {
      const {id, message, failed, result} = line
      const verdict = failed ? 'failed' : result.changed ? 'changed' : 'ok'
      return {...itemOf(line, id, verdict), result, ...(failed ? {reason: message} : {message})}
    }
    case 'deferred':
      return {...itemOf(line, line.id, 'unknown'), reason: line.reason, barrier: true}
    case 'handler':
    case 'resource':
      return planResource(line, look)
  }
}

const planTask = (line: Extract<Line, {line: 'task'}>, {tasks, tentative}: Look): PlanItem => {
  const told = tentative ? undefined : tasks.get(line.id)
  const {verdict, reason} = judged(told)
  return {
    ...itemOf(line, line.id, verdict),
    task: line.task,
    barrier: true,
    tentative,
    ...(reason !== undefined && {reason}),
  }
}

const judged = (told: TaskPlan | undefined): {verdict: Verdict; reason: string | undefined} => {
  if (!told) return {verdict: 'unknown', reason: 'a task is known only when it runs'}
  if ('failed' in told) return {verdict: 'failed', reason: told.failed}
  return {verdict: told.changed ? 'changed' : 'ok', reason: told.message}
}

const basisOf = (line: Extract<Line, {line: 'handler' | 'resource'}>, {tentative}: Look): PlanItem => ({
  ...itemOf(line, idOf(line), 'ok'),
  kind: line.resource.kind.name,
  resource: line.resource,
  tentative,
})

const planResource = (line: Extract<Line, {line: 'handler' | 'resource'}>, look: Look): PlanItem => {
  const {resource, on} = line
  const {kind, desired} = resource
  const basis = basisOf(line, look)
  // What is foreseen is foreseen of the host itself.
  const foresight = on === undefined ? look.foresight : undefined
  const current = readCurrent(resource, look.answers.get(keyOf(resource.id, on)), foresight)
  if (current instanceof Unreadable) return {...basis, verdict: 'failed', reason: current.message}
  if (current instanceof Unsupported) return {...basis, verdict: 'unsupported', reason: current.reason}
  if (current instanceof Unforeseen) return {...basis, verdict: 'unknown', tentative: true, reason: current.reason}
  const obstacle = kind.obstacle?.(desired, current)
  if (obstacle) return {...basis, verdict: foresight?.isOpen ? 'unknown' : 'failed', reason: obstacle}
  const found = kind.diff(desired, current)
  if (line.line === 'handler')
    return planHandler(line, basis, look.before, current as {active: boolean}, found === 'unknown' ? [] : found)
  const changes = found === 'unknown' ? [] : found
  if (found !== 'unknown' && changes.length === 0) return basis
  const realised = realisation(resource, changes, current, line.unit?.environment)
  if (line.unit?.judge.changesNothing) return {...basis, reason: 'carried out each time, changes nothing', ...realised}
  const guard = kind.guard?.(desired, changes, current)
  return {
    ...basis,
    verdict: found === 'unknown' ? 'unknown' : 'changed',
    changes,
    ...(guard && {guard, isGuarded: true as const}),
    barrier: kind.opaque ?? false,
    provides: kind.provides?.(desired, changes, current) ?? {},
    ...realised,
  }
}

const planHandler = (
  line: Extract<Line, {line: 'handler'}>,
  basis: PlanItem,
  before: readonly PlanItem[],
  current: {active: boolean},
  stale: readonly Change[],
): PlanItem => {
  const reason = handlerReason(line.handler, line.play, before, {active: current.active, stale: stale.length > 0})
  if (!reason.run) return reason.why ? {...basis, reason: reason.why} : basis
  const changes = [{path: 'loaded configuration', from: 'older', to: 'current'}]
  return {
    ...basis,
    verdict: 'changed',
    changes,
    reason: reason.why,
    ...realisation(line.resource, changes, current),
  }
}

const idOf = (line: Line): string => ('resource' in line ? keyOf(line.resource.id, line.on) : line.id)

const itemOf = (line: LineOrigin, id: string, verdict: Verdict): PlanItem => ({
  id,
  kind: id.split(' ', 1)[0] ?? id,
  play: line.play,
  become: line.become,
  origin: line,
  ...(line.role !== undefined && {role: line.role}),
  ...(line.name !== undefined && {name: line.name}),
  ...(line.at && {at: line.at}),
  ...(line.noLog && {noLog: true as const}),
  verdict,
  tentative: false,
  changes: [],
  steps: [],
  realise: [],
  barrier: false,
})
