import {Secret} from '../shell/secret.ts'
import {Float, isDict, KeptText, Tuple} from './values.ts'

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
export const openSecrets = (value: unknown, open: (secret: Secret) => unknown): unknown =>
  mapLeaves(value, leaf => (leaf instanceof Secret ? open(leaf) : leaf))

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
  '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
]

/** Another value of the same form: of a text, every character that is no blank is another. */
export const disguised = (secret: Secret): unknown => {
  const value = secret.open()
  if (typeof value === 'number') return value + 1
  return value.replaceAll(/[^\s]/g, sign => {
    const row = rows.find(signs => signs.includes(sign))
    return row ? (row[(row.indexOf(sign) + 1) % row.length] ?? '') : String.fromCharCode(sign.charCodeAt(0) ^ 1)
  })
}

const plainLeaf = (value: unknown): unknown =>
  value instanceof KeptText ? value.text : value instanceof Float ? value.value : value

/**
 * A copy in which all that `other` has not is a secret: `other` is what comes out with disguised secrets, or undefined
 * where nothing came out. True, false and nothing tell too little to be secrets; words of the source are known anyway.
 */
export const closeSecrets = (value: unknown, other: unknown, isWord: (text: string) => boolean): unknown => {
  if (Array.isArray(value)) {
    const close = (held: unknown, index: number): unknown =>
      closeSecrets(held, Array.isArray(other) ? other[index] : undefined, isWord)
    return value instanceof Tuple ? Tuple.from(value, close) : value.map(close)
  }
  if (value instanceof Map)
    return new Map(
      [...value].map(([key, held]) => [
        key,
        closeSecrets(held, other instanceof Map ? other.get(key) : undefined, isWord),
      ]),
    )
  const leaf = plainLeaf(value)
  if (typeof leaf !== 'string' && typeof leaf !== 'number') return value
  return leaf === plainLeaf(other) || leaf === '' || (typeof leaf === 'string' && isWord(leaf))
    ? value
    : new Secret(leaf)
}

/** Whether one of these texts is a key in a value: keys are shown. */
export const namesEntry = (value: unknown, texts: ReadonlySet<unknown>): boolean => {
  if (Array.isArray(value)) return value.some(held => namesEntry(held, texts))
  return (
    value instanceof Map && [...value].some(([key, held]) => (key !== '' && texts.has(key)) || namesEntry(held, texts))
  )
}
