import {fail} from './problem.ts'
import {str} from './text-of.ts'
import {Attributes, Callable, defined, Float, KeptText} from './values.ts'

/** A value of an expression as plain data: numbers, text, lists, mappings with text as keys. */
export const plain = (value: unknown): unknown => {
  defined(value)
  if (value instanceof Float) return value.value
  if (typeof value === 'bigint') return String(value)
  if (value instanceof KeptText) return value.text
  if (Array.isArray(value)) return Array.from(value, plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, held]) => [str(key), plain(held)]))
  if (value instanceof Callable || value instanceof Attributes)
    return fail('it gives a function, no value', 'call it with ()')
  return value
}
