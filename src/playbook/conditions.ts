import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {Secret} from '../shell/secret.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {Scope} from './scope.ts'
import {opened} from './taint.ts'

/** `key` is where it was written: `when`, `failed_when`, `that`. */
export type Condition = {readonly key: string; readonly test: unknown; readonly at: Position | undefined}

/** The conditions of a `when:` and the like; all must hold. */
export const conditionsOf = (owner: Readonly<Record<string, any>>, key: string): readonly Condition[] => {
  const given: unknown = owner[key]
  if (given === undefined || given === null) return []
  const at = spotOf(owner, key)?.value
  if (!Array.isArray(given)) return [{key, test: given, at}]
  return given.map((test: unknown, index) => ({key, test, at: spotOf(given, index)?.value ?? at}))
}

/** As Python sees it: nothing, zero and what is empty are false. */
const isTrue = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** Whether all conditions hold. Throws EvaluationError and NeedsFacts. */
export const holds = (conditions: readonly Condition[], scope: Scope): boolean =>
  conditions.every(({key, test, at}) => {
    if (typeof test !== 'string') return test === null || isTrue(test)
    if (test.trim() === '') return true
    if (test.includes('{{'))
      throw new EvaluationError({
        rule: 'when-braces',
        what: `'${key}' is an expression already`,
        fix: `write it without {{ }}: ${key}: ${test.replaceAll(/\{\{\s*|\s*\}\}/g, '')}`,
        ...(at && {at}),
      })
    const value = scope.evaluate(test, at)
    return isTrue(value instanceof Secret ? opened(value) : value)
  })
