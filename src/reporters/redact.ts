import {encodedMasker} from './encoded-secrets.ts'
import {secretPatterns} from './secret-patterns.ts'

const mask = '***'
/** Shorter ones would blot out half of the output; they are masked only where they stand alone. */
const shortest = 4

/** A function that masks every secret, in whatever encoding, in every string of plain data. */
export const redactor = (secrets: Iterable<string>): (<Data>(data: Data) => Data) => {
  const all = [...secrets]
  const long = all.filter(secret => secret.trim().length >= shortest)
  const short = new Set(all.map(secret => secret.trim()).filter(secret => secret !== '' && secret.length < shortest))
  if (long.length === 0 && short.size === 0) return data => data
  const patterns = expressions(long.flatMap(secretPatterns))
  const encoded = long.length > 0 ? encodedMasker(long, mask) : (value: string) => value
  const text = (value: string): string =>
    short.has(value.trim()) ? mask : encoded(patterns.reduce((said, pattern) => said.replaceAll(pattern, mask), value))
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(walk)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), walk(inner)]))
  }
  return data => walk(data) as typeof data
}

const expressionLength = 50_000

/** Of several that begin at one place the longest is taken: a secret may hold another. */
const expressions = (patterns: readonly string[]): readonly RegExp[] => {
  const parts: string[][] = [[]]
  let length = 0
  for (const pattern of [...new Set(patterns)].toSorted((a, b) => b.length - a.length)) {
    length += pattern.length
    if (length > expressionLength && parts.at(-1)?.length) {
      parts.push([])
      length = pattern.length
    }
    parts.at(-1)?.push(pattern)
  }
  return parts.filter(part => part.length > 0).map(part => new RegExp(part.join('|'), 'g'))
}
