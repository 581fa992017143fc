import {quote} from '../shell/quote.ts'

const mask = '***'
/** Shorter ones would blot out half of the output; they are masked only where they stand alone. */
const shortest = 4
const shortestLine = 16

/** A function that masks every secret in every string of plain data. */
export const redactor = (secrets: readonly string[]): (<Data>(data: Data) => Data) => {
  const forms = [...new Set(secrets.flatMap(formsOf))].toSorted((a, b) => b.length - a.length)
  const short = new Set(secrets.filter(secret => secret !== '' && secret.length < shortest))
  if (forms.length === 0 && short.size === 0) return data => data
  const pattern = forms.length > 0 ? new RegExp(forms.map(form => RegExp.escape(form)).join('|'), 'g') : undefined
  const text = (value: string): string => (short.has(value) ? mask : pattern ? value.replaceAll(pattern, mask) : value)
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(walk)
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), walk(inner)]))
  }
  return data => walk(data) as typeof data
}

/** A secret as it may turn up in output: itself, its long lines, quoted for a shell, escaped for JSON, in base64. */
const formsOf = (secret: string): string[] => {
  const lines = secret.split(/\r?\n/).filter(line => line.length >= shortestLine)
  return [secret, secret.trim(), ...lines]
    .filter(plain => plain.length >= shortest)
    .flatMap(plain => [plain, quoted(plain), escaped(plain), escaped(escaped(plain)), ...base64Forms(plain)])
}

const quoted = (plain: string): string => quote(plain.replaceAll('\0', '')).replaceAll(/^'|'$/g, '')
const escaped = (plain: string): string => JSON.stringify(plain).slice(1, -1)

/** Base64 at each of the three places that bytes can have inside a longer text; whole characters only. */
const base64Forms = (plain: string): string[] =>
  [0, 1, 2].flatMap(offset => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(plain)])
    const inner = bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6))
    return inner.length < 5 ? [] : [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
