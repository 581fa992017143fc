import {digitsOf, isNegative} from './format-spec.ts'
import {fail} from './problem.ts'
import {repr, str} from './text-of.ts'
import {characters, held, isDict, Tuple} from './values.ts'

const conversion = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?(.)?/gsu

/** `text % values` of Python. */
export const formatPercent = (text: string, given: unknown): string => {
  const values = given instanceof Tuple ? [...given] : [given]
  let next = 0
  let used = false
  const take = (): unknown => {
    if (next >= values.length) return fail('not enough arguments for format string')
    used = true
    return values[next++]
  }
  const result = text.replaceAll(
    conversion,
    (
      _whole,
      key: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      kind,
    ) => {
      if (kind === undefined) return fail('incomplete format')
      if (kind === '%') return '%'
      const size = width === '*' ? Number(take()) : Number(width ?? 0)
      const places = precision === '*' ? Number(take()) : precision === undefined ? undefined : Number(precision)
      let value: unknown
      if (key === undefined) value = take()
      else {
        if (!isDict(given)) return fail('format requires a mapping')
        value = held(given, key)
        used = true
        if (value === undefined) return fail(`the mapping has no key '${key}'`)
      }
      return one(value, flags, size, places, kind)
    },
  )
  if (!isDict(given) && (next < values.length || (!used && given instanceof Tuple && given.length > 0)))
    return fail('not all arguments converted during string formatting')
  return result
}

const one = (value: unknown, flags: string, width: number, precision: number | undefined, kind: string): string => {
  const left = flags.includes('-')
  if (kind === 's' || kind === 'r' || kind === 'a') {
    const shown = kind === 's' ? str(value) : repr(value)
    const cut = precision === undefined ? shown : characters(shown).slice(0, precision).join('')
    const missing = ' '.repeat(Math.max(0, width - characters(cut).length))
    return left ? cut + missing : missing + cut
  }
  if (kind === 'c') return typeof value === 'string' ? value.padStart(width) : String.fromCodePoint(Number(value))
  if (!'diouxXeEfFgG'.includes(kind)) return fail(`unsupported format character '${kind}'`)
  const digits = digitsOf(value, kind, precision, flags.includes('#'))
  const sign = isNegative(value) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  if (left) return (sign + digits).padEnd(width)
  return flags.includes('0') ? sign + digits.padStart(width - sign.length, '0') : (sign + digits).padStart(width)
}
