import type {Position} from '../diagnostic.ts'

/** Where one entry of a mapping or list was written. */
export type Spot = {readonly key: Position; readonly value: Position}

const spots = new WeakMap<object, Map<string, Spot>>()
/** Places that a copy has too: they are copied when one of both gets another. */
const shared = new WeakSet<Map<string, Spot>>()
const starts = new WeakMap<object, Position>()

/** Keys of mappings as Python has them, in its order: JavaScript sorts those that are numbers, and knows text only. */
const keys = new WeakMap<object, ReadonlyMap<string, unknown>>()

/** Remembers the keys of a mapping whose order or types an object cannot keep: name -> key. */
export const markKeys = (container: object, written: ReadonlyMap<string, unknown>): void => {
  keys.set(container, written)
}
export const keysAsWritten = (container: object): ReadonlyMap<string, unknown> | undefined => keys.get(container)

const floats = new WeakMap<object, Set<string>>()

/** Remembers that an entry was written as 1.0, which JavaScript takes for 1. */
export const markFloat = (container: object, key: string | number): void => {
  floats.set(container, new Set(floats.get(container)).add(String(key)))
}
export const isWholeFloat = (container: object, key: string | number): boolean =>
  floats.get(container)?.has(String(key)) === true

/** Remembers where an entry of `container` was written. */
export const markEntry = (container: object, key: string | number, spot: Spot): void => {
  const before = spots.get(container)
  const known = before && !shared.has(before) ? before : new Map(before)
  known.set(String(key), spot)
  spots.set(container, known)
}

/** Remembers where a mapping or list begins. */
export const markStart = (container: object, at: Position): void => {
  starts.set(container, at)
}

export const spotOf = (container: object, key: string | number): Spot | undefined =>
  spots.get(container)?.get(String(key))
export const startOf = (container: unknown): Position | undefined =>
  typeof container === 'object' && container !== null ? starts.get(container) : undefined

/** Gives a copy of a mapping or list the places of its original. */
export const copyMarks = <Copy extends object>(from: object, to: Copy): Copy => {
  const known = spots.get(from)
  if (known) {
    shared.add(known)
    spots.set(to, known)
  }
  const start = starts.get(from)
  if (start) starts.set(to, start)
  const written = keys.get(from)
  if (written) keys.set(to, written)
  const whole = floats.get(from)
  if (whole) floats.set(to, whole)
  return to
}

/** The place of the deepest part of `path` that was written; `atKey` points at the key of the last part. */
export const placeOf = (root: unknown, path: readonly (string | number)[], atKey = false): Position | undefined => {
  let node = root
  let place = startOf(root)
  for (const [index, part] of path.entries()) {
    if (typeof node !== 'object' || node === null) return place
    const spot = spotOf(node, part)
    if (!spot) return place
    place = atKey && index === path.length - 1 ? spot.key : spot.value
    node = (node as Record<string | number, unknown>)[part]
  }
  return place
}
