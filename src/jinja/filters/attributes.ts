import {compare} from '../compare.ts'
import {subscript} from '../subscript.ts'
import {str} from '../text-of.ts'
import {isInt, KeptText, Undefined} from '../values.ts'

/** One part of a value, by its key. */
export const partOf = (of: unknown, key: unknown): unknown => {
  const at = 0
  const item = {kind: 'name', name: 'item', at} as const
  return subscript(of, key, {kind: 'item', of: item, key: {kind: 'constant', value: key, at}, at})
}

/** What `attribute='a.b.0'` picks of an item. */
export const attributeOf = (item: unknown, path: unknown, other?: unknown): unknown => {
  const parts = typeof path === 'string' ? path.split('.') : [path]
  let held = item
  for (const part of parts) {
    held = partOf(held, typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part)
    if (held instanceof Undefined && other !== undefined) held = other
  }
  return held
}

/** Jinja compares texts without regard to case unless it is told to. */
export const ignoreCase = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toLowerCase()
  return value instanceof KeptText ? value.text.toLowerCase() : value
}

/** Keys to sort by: one, or one for each attribute that is named with commas. */
export const keysOfItem = (item: unknown, attribute: unknown, caseSensitive: boolean, other?: unknown): unknown[] => {
  const paths =
    attribute === undefined || attribute === null
      ? [undefined]
      : isInt(attribute)
        ? [attribute]
        : str(attribute).split(',')
  return paths.map(path => {
    const value = path === undefined ? item : attributeOf(item, path, other)
    return caseSensitive ? value : ignoreCase(value)
  })
}

export const compareKeys = (a: readonly unknown[], b: readonly unknown[]): number => {
  for (const [index, key] of a.entries()) {
    const order = compare(key, b[index])
    if (order !== 0) return order
  }
  return 0
}
