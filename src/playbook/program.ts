import {InvalidInput} from '../diagnostic.ts'
import type {Mode} from '../events.ts'
import {keyOf, type PlanItem, type Probed, type Program, type Progress, type Registered} from '../executor/plan.ts'
import {itemResult, resultOf} from '../executor/result.ts'
import {afterFailure} from '../executor/troubles.ts'
import type {Line} from '../planner/line.ts'
import {planHost, type TaskPlan} from '../planner/plan.ts'
import {TransportError} from '../transport/transport.ts'
import {messageOf} from '../wording.ts'
import {type Found, type LinesOptions, linesOf} from './lines.ts'

/**
 * The plan of one host, as far as it can be made of what is known. Results that a plan predicts are used as if they had
 * come, until nothing new follows from them.
 */
export const programOf = (options: LinesOptions & {readonly mode: Mode}): Program => {
  const make = linesOf(options)
  const told = new Map<string, TaskPlan>()
  return progress => {
    const {answers, since} = progress
    let done = progress.done
    let found: Found = {results: progress.results, real: new Set(progress.results.keys()), troubles: progress.troubles}
    for (;;) {
      const lines = make(found, done.length)
      const rest = lines.slice(done.length)
      const probes = rest.flatMap(probeOf).filter(({key}) => !answers.has(key))
      const tasks = options.mode === 'check' ? rest.flatMap(line => asking(line, told, options.host.name)) : []
      if (probes.length > 0 || tasks.length > 0) return {items: [], probes, tasks}
      const items = planHost(lines, {answers, done, since, tasks: told})
      const rescued = rescue(items, done.length, found)
      if (rescued) {
        done = rescued.done
        found = {...found, troubles: rescued.troubles, results: predicted(done, progress, found)}
        continue
      }
      const results = predicted(items, progress, found)
      if (results.size === found.results.size) return {items, probes: [], tasks: []}
      found = {...found, results}
    }
  }
}

const probeOf = (line: Line): readonly Probed[] => {
  if (!('resource' in line)) return []
  const {resource, become, on} = line
  return [{key: keyOf(resource.id, on), resource, become, ...(on !== undefined && {on})}]
}

/** Check mode: tasks that can say what they would do are asked. */
const asking = (line: Line, told: Map<string, TaskPlan>, host: string) => {
  if (line.line !== 'task' || !line.plan || told.has(line.id)) return []
  const {id, plan} = line
  return [
    {
      id,
      plan: async () => {
        told.set(
          id,
          await plan().catch((error: unknown) => {
            const isOfHost = error instanceof TransportError && error.host === host
            if (isOfHost || error instanceof InvalidInput) throw error
            return {failed: messageOf(error)}
          }),
        )
      },
    },
  ]
}

/** The first failure that is planned and that the playbook goes on after: ignored, or rescued by a block. */
const rescue = (items: readonly PlanItem[], from: number, {troubles}: Found) => {
  const index = items.findIndex(({verdict}, at) => at >= from && verdict === 'failed')
  const item = items[index]
  if (!item) return undefined
  const before = items.slice(0, index)
  if (item.origin.unit?.ignoreErrors) return {done: [...before, {...item, verdict: 'ignored'} as const], troubles}
  const result = {changed: false, msg: item.reason ?? '', ...itemResult(item), failed: true}
  const after = afterFailure(troubles, item.origin.blocks, {task: item.name ?? item.id, result})
  if (after.ends) return undefined
  const {slot} = item.origin
  const left = items.slice(index + 1).filter(({origin}) => origin.slot === slot)
  const skipped = left.map(other => ({...other, verdict: 'skipped', changes: [], realise: [], steps: []}) as const)
  return {done: [...before, {...item, verdict: 'rescued'} as const, ...skipped], troubles: after}
}

/** The real results, and those that follow from the plan. */
const predicted = (items: readonly PlanItem[], {results}: Progress, found: Found): ReadonlyMap<number, Registered> => {
  const all = new Map([...found.results, ...results])
  const registering = items.filter(({origin}) => origin.unit?.registers && !all.has(origin.slot))
  for (const [slot, own] of Map.groupBy(registering, ({origin}) => origin.slot)) {
    const isWhole = own.every(({origin, verdict}) => !origin.isProvisional || verdict !== 'unknown')
    const result = isWhole
      ? resultOf(
          own.map(item => ({item})),
          own[0]?.origin.unit?.isLoop,
        )
      : undefined
    if (result) all.set(slot, result)
  }
  return all
}
