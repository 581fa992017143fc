import {copyMarks} from '../diagnostics/positions.ts'

export type Mapping = Readonly<Record<string, unknown>>

/** A mapping of YAML; values with a class of their own (secrets, `!unsafe` text) are none. */
export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype

/** A copy, for who fills in defaults; it keeps the places. */
export const copyTree = (value: unknown): unknown => {
  if (Array.isArray(value)) return copyMarks(value, value.map(copyTree))
  if (!isMapping(value)) return value
  return copyMarks(value, Object.fromEntries(Object.entries(value).map(([key, held]) => [key, copyTree(held)])))
}
