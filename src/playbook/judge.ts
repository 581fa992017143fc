import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {coerceParameters} from './coerce-parameters.ts'
import {type Condition, conditionsOf, holds} from './conditions.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {RawTask} from './frames.ts'
import type {Judge, Registered} from './model.ts'
import {orInvalid} from './play-context.ts'
import type {Scope} from './scope.ts'

const keys = ['changed_when', 'failed_when', 'until'] as const
type Key = (typeof keys)[number]

/** Every condition of a task over its result, to be checked before there is one. */
export const judging = (raw: RawTask): readonly Condition[] => keys.flatMap(key => conditionsOf(raw, key))

/** The scope in which a result is judged: the task's own name for it counts already. */
export const withResult = (raw: RawTask, scope: Scope, result: Registered): Scope =>
  raw['register'] === undefined ? scope : scope.withValue(String(raw['register']), result)

/** How the results of one round are judged. */
export const judgeOf = (raw: RawTask, scope: Scope, host: string, at: Position): Judge => {
  const test = (key: Key): ((result: Registered) => boolean) | undefined => {
    const conditions = conditionsOf(raw, key)
    if (conditions.length === 0) return undefined
    return result => orInvalid(host, at, () => holds(conditions, withResult(raw, scope, result)))
  }
  const [changed, failed, until] = keys.map(test)
  const changesNothing = conditionsOf(raw, 'changed_when').some(({test: never}) => never === false)
  const retries = number(raw, 'retries', 3, scope)
  const delay = number(raw, 'delay', 5, scope)
  return {
    ...(changed && {changed}),
    ...(changesNothing && {changesNothing}),
    ...(failed && {failed}),
    // Ansible asks `until` only where there is something to try again.
    ...(until && retries > 0 && {until: {holds: until, retries, delayMs: Math.round((delay < 0 ? 1 : delay) * 1000)}}),
  }
}

const number = (raw: RawTask, key: string, otherwise: number, scope: Scope): number => {
  if (raw[key] === undefined || raw[key] === null) return otherwise
  const at = spotOf(raw, key)?.value
  const value = coerceParameters({type: 'number'}, scope.value(raw[key], at))
  if (typeof value === 'number') return value
  throw new EvaluationError({rule: 'invalid-key', what: `'${key}' must be a number`, ...(at && {at})})
}
