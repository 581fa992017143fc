import {Secret} from '../shell/secret.ts'
import {isDict, KeptText, Tuple} from './values.ts'

/** Whether a secret lies in a value, at any depth. */
export const holdsSecret = (value: unknown): boolean => {
  if (value instanceof Secret) return true
  if (Array.isArray(value)) return value.some(holdsSecret)
  if (!isDict(value)) return false
  return value instanceof Map ? [...value.values()].some(holdsSecret) : Object.values(value).some(holdsSecret)
}

const mapLeaves = (value: unknown, leaf: (value: unknown) => unknown): unknown => {
  if (value instanceof Tuple) return Tuple.from(value, item => mapLeaves(item, leaf))
  if (Array.isArray(value)) return value.map(item => mapLeaves(item, leaf))
  if (value instanceof Map) return new Map([...value].map(([key, held]) => [key, mapLeaves(held, leaf)]))
  if (isDict(value)) return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, mapLeaves(held, leaf)]))
  return leaf(value)
}

/** A copy with every secret in the open; only for working on it. */
export const openSecrets = (value: unknown): unknown =>
  mapLeaves(value, leaf => (leaf instanceof Secret ? leaf.reveal() : leaf))

/** A copy in which every text is a secret: something of it came from one. */
export const closeSecrets = (value: unknown): unknown =>
  mapLeaves(value, leaf =>
    typeof leaf === 'string' ? new Secret(leaf) : leaf instanceof KeptText ? new Secret(leaf.text) : leaf,
  )
