import {InvalidInput} from '../diagnostic.ts'
import {copyMarks} from '../diagnostics/positions.ts'
import {Secret} from '../shell/secret.ts'
import {EvaluationError} from './evaluation-error.ts'
import {isMapping} from './mapping.ts'

/** What a secret is. Throws EvaluationError where it cannot be decrypted. */
export const opened = (secret: Secret): string | number => {
  try {
    return secret.open()
  } catch (error) {
    throw error instanceof InvalidInput && error.diagnostics[0] ? new EvaluationError(error.diagnostics[0]) : error
  }
}

const mapScalars = (value: unknown, scalar: (value: unknown) => unknown): unknown => {
  if (Array.isArray(value))
    return copyMarks(
      value,
      value.map(held => mapScalars(held, scalar)),
    )
  if (!isMapping(value)) return scalar(value)
  return copyMarks(
    value,
    Object.fromEntries(Object.entries(value).map(([key, held]) => [key, mapScalars(held, scalar)])),
  )
}

/** A copy with every secret in the open. */
export const openAll = (value: unknown): unknown =>
  mapScalars(value, held => (held instanceof Secret ? opened(held) : held))

/** A value of an encrypted file: all text and numbers in it are secrets; true, false and nothing tell too little. */
export const sealed = (value: unknown): unknown =>
  mapScalars(value, held =>
    (typeof held === 'string' && held !== '') || typeof held === 'number' ? new Secret(held) : held,
  )
