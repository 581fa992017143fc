import {formatPercent} from './format-percent.ts'
import {fail} from './problem.ts'
import {defined, Float, float, int, isFloat, isInt, isNumber, KeptText, Tuple, toNumber, typeName} from './values.ts'

type Operation = {ints?: (a: bigint, b: bigint) => bigint; floats: (a: number, b: number) => number}

const floorDivide = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}
const modulo = (a: bigint, b: bigint): bigint => a - floorDivide(a, b) * b

const operations: Readonly<Record<string, Operation>> = {
  '+': {ints: (a, b) => a + b, floats: (a, b) => a + b},
  '-': {ints: (a, b) => a - b, floats: (a, b) => a - b},
  '*': {ints: (a, b) => a * b, floats: (a, b) => a * b},
  '/': {floats: (a, b) => a / b},
  '//': {ints: floorDivide, floats: (a, b) => Math.floor(a / b)},
  '%': {ints: modulo, floats: (a, b) => (a % b !== 0 && a < 0 !== b < 0 ? (a % b) + b : a % b)},
  '**': {ints: (a, b) => a ** b, floats: (a, b) => a ** b},
}

const repeat = (value: string | unknown[], times: number): unknown => {
  const count = Math.max(0, times)
  if (count * value.length > 10_000_000) return fail('the result would be too large')
  if (typeof value === 'string') return value.repeat(count)
  const all = Array.from({length: count}, () => value).flat()
  return value instanceof Tuple ? Tuple.from(all) : all
}

const big = (value: number | bigint | boolean): bigint => BigInt(value)
const hint = (a: unknown, b: unknown): string | undefined => {
  if (typeof a === 'string' && isNumber(b)) return 'what {{ … }} gave is text: write … | int, or join texts with ~'
  if (isNumber(a) && typeof b === 'string') return 'what {{ … }} gave is text: write … | int, or join texts with ~'
  return undefined
}

const concatenated = (a: unknown, b: unknown): unknown => {
  if (typeof a === 'string' && typeof b === 'string') return a + b
  if (a instanceof Tuple && b instanceof Tuple) return Tuple.from([...a, ...b])
  if (Array.isArray(a) && Array.isArray(b) && !(a instanceof Tuple) && !(b instanceof Tuple)) return [...a, ...b]
  return undefined
}

/** The operators `+ - * / // % **` as Python has them. */
export const calculate = (sign: string, left: unknown, right: unknown): unknown => {
  const a = left instanceof KeptText ? left.text : defined(left)
  const b = right instanceof KeptText ? right.text : defined(right)
  if (sign === '%' && typeof a === 'string') return formatPercent(a, b)
  const operation = operations[sign]
  if (isNumber(a) && isNumber(b) && operation) {
    if (['/', '//', '%'].includes(sign) && toNumber(b) === 0)
      return fail(sign === '/' ? 'division by zero' : 'integer division or modulo by zero')
    const whole = !isFloat(a) && !isFloat(b)
    if (whole && operation.ints && !(sign === '**' && toNumber(b) < 0)) {
      if (sign === '**' && toNumber(b) > 10_000) return fail('the result would be too large')
      return int(operation.ints(big(a), big(b)))
    }
    return float(operation.floats(toNumber(a), toNumber(b)))
  }
  if (sign === '+') {
    const joined = concatenated(a, b)
    if (joined !== undefined) return joined
  }
  if (sign === '*') {
    const [sequence, times] = isInt(b) || typeof b === 'boolean' ? [a, b] : [b, a]
    if ((typeof sequence === 'string' || Array.isArray(sequence)) && (isInt(times) || typeof times === 'boolean'))
      return repeat(sequence, Number(times))
  }
  return fail(
    sign === '+' && typeof a === 'string'
      ? `can only concatenate str (not "${typeName(b)}") to str`
      : `unsupported operand type(s) for ${sign}: '${typeName(a)}' and '${typeName(b)}'`,
    hint(a, b),
  )
}

export const negate = (value: unknown): unknown => {
  const number = defined(value)
  if (isFloat(number)) return float(-toNumber(number))
  if (isNumber(number)) return int(-big(number as number | bigint | boolean))
  return fail(`bad operand type for unary -: '${typeName(number)}'`)
}

/** `int(text)` of Python: digits with underscores between them; undefined when it is none. */
export const readInt = (text: string, base = 10): number | bigint | undefined => {
  const plain = text.trim()
  const match = /^([+-]?)(0[xX]|0[oO]|0[bB])?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(plain)
  if (!match) return undefined
  const [, sign, prefix, digits = ''] = match
  const bases: Readonly<Record<string, number>> = {'0x': 16, '0o': 8, '0b': 2}
  const own = prefix === undefined ? undefined : bases[prefix.toLowerCase()]
  if (own !== undefined && base !== 0 && base !== own) return undefined
  const radix = base === 0 ? (own ?? 10) : base
  let value = 0n
  for (const digit of digits.replaceAll('_', '').toLowerCase()) {
    const worth = Number.parseInt(digit, 36)
    if (worth >= radix) return undefined
    value = value * BigInt(radix) + BigInt(worth)
  }
  return int(sign === '-' ? -value : value)
}

/** `float(text)` of Python; undefined when it is none. */
export const readFloat = (text: string): number | Float | undefined => {
  const plain = text.trim().replaceAll(/(?<=\d)_(?=\d)/g, '')
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return float(Number(plain))
  if (/^[+-]?inf(inity)?$/i.test(plain)) return new Float(plain.startsWith('-') ? -Infinity : Infinity)
  return /^[+-]?nan$/i.test(plain) ? new Float(Number.NaN) : undefined
}

/** `round()` of Python: to the nearest, exact halves to the even digit. */
export const roundHalfEven = (value: number, digits: number): number => {
  if (!Number.isFinite(value) || digits > 22) return value
  if (digits < 0) {
    const unit = 10 ** -digits
    return roundHalfEven(value / unit, 0) * unit
  }
  // toFixed() works on the exact value and leaves only the halves to decide.
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 40))
  const cut = exact.length - Math.min(100 - digits, 40)
  const isHalf = /^50*$/.test(exact.slice(cut)) && Number(exact) === Math.abs(value)
  const kept = exact.slice(0, cut).replace(/\.$/, '')
  const even = /[02468]$/.test(kept)
  const size = Number(isHalf && even ? kept : Math.abs(value).toFixed(digits))
  return value < 0 ? -size : size
}
