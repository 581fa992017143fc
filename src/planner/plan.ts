import {acts, type Verdict} from '../events.ts'
import type {Answers, PlanItem} from '../executor/plan.ts'
import {Foresight, Unforeseen} from '../resources/foresight.ts'
import {type Change, type Resource, readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import {handlerReason} from './handler-reason.ts'
import type {Line} from './line.ts'

/** What a task that can tell said it would do, in check mode; `failed` is why it cannot. */
export type TaskPlan = {readonly changed: boolean; readonly message?: string} | {readonly failed: string}
/** By id; tasks that are not in it are unknown until applied. */
export type TaskPlans = ReadonlyMap<string, TaskPlan>

/**
 * Plans one host: a pure function of its ordered lines and the answers of their probes. `done` are the items that this
 * run has already carried out; they stay as they are, and what follows is planned from the answers given.
 */
export const planHost = (
  lines: readonly Line[],
  answers: Answers,
  done: readonly PlanItem[] = [],
  tasks: TaskPlans = new Map(),
): PlanItem[] => {
  const items = [...done]
  const foresight = new Foresight()
  let tentative = false
  for (const line of lines.slice(done.length)) {
    const item: PlanItem =
      line.line === 'task' ? planTask(line, tasks, tentative) : planLine(line, answers, items, foresight, tentative)
    if (isUnforeseen(item)) tentative = lookAgainBefore(items, done.length)
    items.push(item)
    if (acts(item)) tentative ||= item.barrier
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

const planTask = (line: Extract<Line, {line: 'task'}>, tasks: TaskPlans, tentative: boolean): PlanItem => {
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

const planLine = (
  line: Exclude<Line, {line: 'task'}>,
  answers: Answers,
  before: readonly PlanItem[],
  foresight: Foresight,
  tentative: boolean,
): PlanItem => {
  if (line.line === 'skipped') return itemOf(line, line.id, 'skipped')
  const {resource} = line
  const planned = {...itemOf(line, resource.id, 'ok'), kind: resource.kind.name, resource, tentative}
  const current = readCurrent(resource, answers.get(resource.id), foresight)
  if (current instanceof Unreadable) return {...planned, verdict: 'failed', reason: current.message}
  if (current instanceof Unsupported) return {...planned, verdict: 'unsupported', reason: current.reason}
  if (current instanceof Unforeseen) return {...planned, verdict: 'unknown', tentative: true, reason: current.reason}
  const obstacle = resource.kind.obstacle?.(resource.desired, current)
  if (obstacle) return {...planned, verdict: foresight.isOpen ? 'unknown' : 'failed', reason: obstacle}
  const found = resource.kind.diff(resource.desired, current)
  if (line.line === 'handler')
    return planHandler(line, planned, before, current as {active: boolean}, found === 'unknown' ? [] : found)
  const changes = found === 'unknown' ? [] : found
  if (found !== 'unknown' && changes.length === 0) return planned
  foresight.add(resource.kind.provides?.(resource.desired, changes, current) ?? {})
  return {
    ...planned,
    verdict: found === 'unknown' ? 'unknown' : 'changed',
    changes,
    barrier: resource.kind.opaque ?? false,
    ...realisation(resource, changes, current),
  }
}

const planHandler = (
  line: Extract<Line, {line: 'handler'}>,
  planned: PlanItem,
  before: readonly PlanItem[],
  current: {active: boolean},
  stale: readonly Change[],
): PlanItem => {
  const reason = handlerReason(line.handler, line.play, before, {active: current.active, stale: stale.length > 0})
  if (!reason.run) return reason.why ? {...planned, reason: reason.why} : planned
  const changes = [{path: 'loaded configuration', from: 'older', to: 'current'}]
  return {
    ...planned,
    verdict: 'changed',
    changes,
    reason: reason.why,
    ...realisation(line.resource, changes, current),
  }
}

const realisation = (resource: Resource, changes: readonly Change[], current: unknown) => {
  const realise = resource.kind.steps(resource.desired, changes, current)
  return {realise, steps: realise.map(step => step.title)}
}

const itemOf = (line: Line, id: string, verdict: Verdict): PlanItem => ({
  id,
  kind: id.split(' ', 1)[0] ?? id,
  play: line.play,
  become: line.become,
  ...(line.role !== undefined && {role: line.role}),
  ...(line.name !== undefined && {name: line.name}),
  ...(line.at && {at: line.at}),
  verdict,
  tentative: false,
  changes: [],
  steps: [],
  realise: [],
  barrier: false,
})
