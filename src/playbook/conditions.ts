import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {EvaluationError} from './evaluation-error.ts'
import type {Scope} from './scope.ts'

export type Condition = {readonly test: string | boolean; readonly at: Position | undefined}

/** The conditions of a `when:`; all must hold. */
export const conditionsOf = (owner: Readonly<Record<string, any>>): readonly Condition[] => {
  const when: unknown = owner['when']
  if (when === undefined || when === null) return []
  const at = spotOf(owner, 'when')?.value
  if (!Array.isArray(when)) return [{test: when as string | boolean, at}]
  return when.map((test, index) => ({test, at: spotOf(when, index)?.value ?? at}))
}

/** As Python sees it: nothing, zero and what is empty are false. */
const isTrue = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

const words: Readonly<Record<string, boolean>> = {true: true, yes: true, false: false, no: false}

/** Whether all conditions hold. Throws EvaluationError and NeedsFacts. */
export const holds = (conditions: readonly Condition[], scope: Scope): boolean =>
  conditions.every(({test, at}) => {
    if (typeof test === 'boolean') return test
    if (test.includes('{{'))
      throw new EvaluationError({
        rule: 'when-braces',
        what: "'when' is an expression already",
        fix: `write it without {{ }}: when: ${test.replaceAll(/\{\{\s*|\s*\}\}/g, '')}`,
        ...(at && {at}),
      })
    const value = scope.evaluate(test, at)
    if (typeof value !== 'string') return isTrue(value)
    return words[value.toLowerCase()] ?? value !== ''
  })
