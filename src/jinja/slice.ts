import {fail} from './problem.ts'
import {characters, defined, isInt, KeptText, Tuple, typeName} from './values.ts'

export const calculateIndex = (index: number, length: number): number => (index < 0 ? index + length : index)

const bound = (value: unknown, usual: number, length: number, step: number): number => {
  if (value === undefined || value === null) return usual
  if (!isInt(value)) return fail('slice indices must be integers', 'write … | int')
  const at = calculateIndex(Number(value), length)
  return step > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1)
}

/** `list[start:stop:step]` of Python. */
export const sliceOf = (given: unknown, start: unknown, stop: unknown, stepGiven: unknown): unknown => {
  const value = given instanceof KeptText ? given.text : defined(given)
  const items = typeof value === 'string' ? characters(value) : value
  if (!Array.isArray(items)) return fail(`a part of a ${typeName(value)} cannot be taken with [:]`)
  const step = stepGiven === undefined || stepGiven === null ? 1 : Number(stepGiven)
  if (step === 0) return fail('slice step cannot be zero')
  const from = bound(start, step > 0 ? 0 : items.length - 1, items.length, step)
  const to = bound(stop, step > 0 ? items.length : -1, items.length, step)
  const taken: unknown[] = []
  for (let at = from; step > 0 ? at < to : at > to; at += step) taken.push(items[at])
  if (typeof value === 'string') return taken.join('')
  return value instanceof Tuple ? Tuple.from(taken) : taken
}
