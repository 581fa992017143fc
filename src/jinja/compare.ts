import {fail} from './problem.ts'
import {str} from './text-of.ts'
import {
  characters,
  defined,
  entriesOf,
  Float,
  held,
  isDict,
  isNumber,
  KeptText,
  lengthOf,
  Tuple,
  typeName,
} from './values.ts'

const plain = (value: unknown): unknown => (value instanceof KeptText ? value.text : value)
const exact = (value: number | bigint | Float | boolean): number | bigint =>
  value instanceof Float ? value.value : typeof value === 'boolean' ? Number(value) : value

/** Python's ==. */
export const equals = (a: unknown, b: unknown): boolean => {
  const [left, right] = [plain(defined(a)), plain(defined(b))]
  // 2n == 2 holds in JavaScript as in Python.
  if (isNumber(left) && isNumber(right)) return exact(left) == exact(right) // oxlint-disable-line eqeqeq
  if (Array.isArray(left) && Array.isArray(right))
    return (
      left instanceof Tuple === right instanceof Tuple &&
      left.length === right.length &&
      left.every((item, index) => equals(item, right[index]))
    )
  if (isDict(left) && isDict(right)) {
    const entries = entriesOf(left)
    return (
      entries.length === lengthOf(right) &&
      entries.every(([key, value]) => {
        const other = held(right, key)
        return other !== undefined && equals(value, other)
      })
    )
  }
  return left === right
}

const compareTexts = (a: string, b: string): number => {
  if (a === b) return 0
  const [left, right] = [characters(a), characters(b)]
  const at = left.findIndex((sign, index) => sign !== right[index])
  if (at < 0) return -1
  if (at >= right.length) return 1
  return (left[at]?.codePointAt(0) ?? 0) < (right[at]?.codePointAt(0) ?? 0) ? -1 : 1
}

/** Less than 0, 0, more than 0; NaN when neither holds. Throws where Python has no order. */
export const compare = (a: unknown, b: unknown, sign = '<'): number => {
  const [left, right] = [plain(defined(a)), plain(defined(b))]
  if (isNumber(left) && isNumber(right)) {
    const [x, y] = [exact(left), exact(right)]
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : Number.NaN // oxlint-disable-line eqeqeq
  }
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  if (Array.isArray(left) && Array.isArray(right) && left instanceof Tuple === right instanceof Tuple) {
    for (let index = 0; index < Math.min(left.length, right.length); index++)
      if (!equals(left[index], right[index])) return compare(left[index], right[index], sign)
    return left.length - right.length
  }
  return fail(
    `'${sign}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`,
    'make both numbers with | int or both text with | string',
  )
}

/** Python's `in`. */
export const contains = (container: unknown, value: unknown): boolean => {
  const holder = plain(defined(container))
  const item = plain(defined(value))
  if (typeof holder === 'string')
    return typeof item === 'string'
      ? holder.includes(item)
      : fail(`'in <string>' requires string as left operand, not ${typeName(item)}`, `write '${str(item)}' in …`)
  if (Array.isArray(holder)) return holder.some(other => equals(other, item))
  if (isDict(holder)) return held(holder, item) !== undefined
  return fail(`argument of type '${typeName(holder)}' is not iterable`)
}
