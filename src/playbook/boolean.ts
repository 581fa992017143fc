import type {Position} from '../diagnostic.ts'
import {coerceParameters} from './coerce-parameters.ts'
import {EvaluationError} from './evaluation-error.ts'

/** True or false of a keyword, also written as "yes" or given by an expression. Throws EvaluationError. */
export const toBoolean = (value: unknown, name: string, at?: Position): boolean => {
  const fitting = coerceParameters({type: 'boolean'}, value)
  if (typeof fitting === 'boolean') return fitting
  throw new EvaluationError({rule: 'invalid-key', what: `'${name}' must be true or false`, ...(at && {at})})
}
