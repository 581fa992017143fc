import {createHash} from 'node:crypto'

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const repeated = (bytes: Buffer, length: number): Buffer =>
  Buffer.concat(Array.from({length: Math.ceil(length / bytes.length) || 0}, () => bytes)).subarray(0, length)

/** Three bytes are four characters, the lowest bits first. */
const encode = (bytes: Buffer, order: readonly (readonly number[])[]): string =>
  order
    .map(indexes => {
      const [a, b, c] = indexes.map(index => (index < 0 ? 0 : (bytes[index] ?? 0)))
      const value = ((a ?? 0) << 16) | ((b ?? 0) << 8) | (c ?? 0)
      const length = indexes[1] !== undefined && indexes[1] < 0 ? 2 : indexes[0] !== undefined && indexes[0] < 0 ? 3 : 4
      return Array.from({length}, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('')
    })
    .join('')

const order512 = [
  ...Array.from({length: 21}, (_, index) => [0, 21, 42].map((_start, part) => (part * 21 + index * 22) % 63)),
  [-1, -1, 63],
]
const order256 = [
  ...Array.from({length: 10}, (_, index) => [0, 1, 2].map(part => (part * 10 + index * 21) % 30)),
  [-1, 31, 30],
]

/** crypt(3) with SHA-256 or SHA-512: what /etc/shadow holds. */
export const shaCrypt = (
  kind: 'sha256' | 'sha512',
  password: string,
  salt: string,
  rounds: number | undefined,
): string => {
  const key = Buffer.from(password)
  const saltBytes = Buffer.from(salt)
  const size = kind === 'sha512' ? 64 : 32
  const digest = (...parts: Buffer[]): Buffer => createHash(kind).update(Buffer.concat(parts)).digest()
  const alternate = digest(key, saltBytes, key)
  const parts = [key, saltBytes, repeated(alternate, key.length)]
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : key)
  let result = digest(...parts)
  const p = repeated(digest(...Array.from({length: key.length}, () => key)), key.length)
  const s = repeated(digest(...Array.from({length: 16 + (result[0] ?? 0)}, () => saltBytes)), saltBytes.length)
  const count = Math.min(999_999_999, Math.max(1000, rounds ?? 5000))
  for (let round = 0; round < count; round++)
    result = digest(
      round & 1 ? p : result,
      round % 3 ? s : Buffer.alloc(0),
      round % 7 ? p : Buffer.alloc(0),
      round & 1 ? result : p,
    )
  const prefix = `$${kind === 'sha512' ? 6 : 5}$${rounds === undefined ? '' : `rounds=${count}$`}`
  return `${prefix}${salt}$${encode(result.subarray(0, size), kind === 'sha512' ? order512 : order256)}`
}
