import {bind} from '../arguments.ts'
import {negate, readFloat, readInt, roundHalfEven} from '../arithmetic.ts'
import {fail} from '../problem.ts'
import {str} from '../text-of.ts'
import {Float, float, int, isFloat, isInt, isNumber, isTrue, KeptText, toNumber, typeName} from '../values.ts'
import {needInt, needNumber} from './needs.ts'
import type {Filters} from './shape.ts'

const whole = (value: number): unknown => (Number.isFinite(value) ? int(BigInt(Math.trunc(value))) : undefined)

const intOf = (value: unknown, other: unknown, base: number): unknown => {
  const plain = value instanceof KeptText ? value.text : value
  if (typeof plain === 'string') {
    const number = readInt(plain, base)
    if (number !== undefined) return number
    const decimal = readFloat(plain)
    return decimal === undefined ? other : (whole(toNumber(decimal)) ?? other)
  }
  if (isFloat(plain)) return whole(toNumber(plain)) ?? fail('cannot convert float infinity or NaN to integer')
  if (typeof plain === 'boolean') return Number(plain)
  return isInt(plain) ? plain : other
}

const sizes: readonly (readonly [string, number])[] = [
  ['Y', 2 ** 80],
  ['Z', 2 ** 70],
  ['E', 2 ** 60],
  ['P', 2 ** 50],
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
  ['B', 1],
]

const humanToBytes = (value: unknown, usual: unknown, bits: boolean): unknown => {
  const text = str(value)
  const [, number = '', unit = usual === undefined || usual === null ? undefined : str(usual)] =
    /^\s*(\d*\.?\d*)\s*([A-Za-z]+)?/.exec(text) ?? []
  if (number === '' || number === '.') return fail(`human_to_bytes() can't interpret '${text}'`)
  if (unit === undefined) return roundHalfEven(Number(number), 0)
  const size = sizes.find(([name]) => name === unit.charAt(0).toUpperCase())
  if (!size)
    return fail(`human_to_bytes() does not know the unit '${unit}'`, `known: ${sizes.map(([name]) => name).join(', ')}`)
  const [letter, word] = bits ? ['b', 'bit'] : ['B', 'byte']
  if (unit.length > 1 && !unit.toLowerCase().includes(word) && unit[1] !== letter)
    return fail(`human_to_bytes() does not know the unit '${unit}'`, `write ${size[0]}${letter}`)
  return whole(roundHalfEven(Number(number) * size[1], 0))
}

const humanReadable = (value: unknown, bits: boolean, unit: unknown): string => {
  const bytes = needNumber(value)
  const wanted = unit === undefined || unit === null ? undefined : str(unit).toUpperCase()
  const [name, size] = sizes.find(([one, limit]) => (wanted === undefined ? bytes >= limit : wanted === one)) ?? [
    'B',
    1,
  ]
  const base = bits ? 'bits' : 'Bytes'
  return `${(bytes / size).toFixed(2)} ${size === 1 ? base : name + base[0]}`
}

/** Filters on numbers. */
export const numberFilters: Filters = {
  int: (value, given) => {
    const [other = 0, base = 10] = bind('int', ['default=', 'base='], given)
    return intOf(value, other, needInt(base))
  },
  float: (value, given) => {
    const [other = new Float(0)] = bind('float', ['default='], given)
    if (isNumber(value)) return float(toNumber(value))
    const text = value instanceof KeptText ? value.text : value
    return (typeof text === 'string' ? readFloat(text) : undefined) ?? other
  },
  bool: value => {
    if (value === null || typeof value === 'boolean') return value
    const text = value instanceof KeptText ? value.text : value
    if (typeof text === 'string') return ['yes', 'on', '1', 'true'].includes(text.toLowerCase())
    return isNumber(text) && toNumber(text) === 1
  },
  abs: value => {
    if (!isNumber(value)) return fail(`bad operand type for abs(): '${typeName(value)}'`, 'write … | int | abs')
    return toNumber(value) < 0 ? negate(value) : typeof value === 'boolean' ? Number(value) : value
  },
  round: (value, given) => {
    const [precision = 0, method = 'common'] = bind('round', ['precision=', 'method='], given)
    if (!isNumber(value)) return fail(`a ${typeName(value)} cannot be rounded`, 'write … | float | round')
    const digits = needInt(precision)
    if (method === 'common') {
      const number = toNumber(value)
      if (!isFloat(value)) return digits >= 0 ? number : roundHalfEven(number, digits)
      return float(roundHalfEven(number, digits))
    }
    if (method !== 'ceil' && method !== 'floor') return fail('method must be common, ceil or floor')
    return float(Math[method](toNumber(value) * 10 ** digits) / 10 ** digits)
  },
  log: (value, given) => {
    const [base = Math.E] = bind('log', ['base='], given)
    const number = needNumber(value)
    if (number <= 0) return fail('math domain error')
    const by = needNumber(base)
    return float(by === 10 ? Math.log10(number) : by === Math.E ? Math.log(number) : Math.log(number) / Math.log(by))
  },
  pow: (value, given) => float(needNumber(value) ** needNumber(bind('pow', ['y'], given)[0])),
  root: (value, given) => {
    const [base = 2] = bind('root', ['base='], given)
    const number = needNumber(value)
    if (number < 0) return fail('math domain error')
    return float(needNumber(base) === 2 ? Math.sqrt(number) : number ** (1 / needNumber(base)))
  },
  human_readable: (value, given) => {
    const [bits = false, unit] = bind('human_readable', ['isbits=', 'unit='], given)
    return humanReadable(value, isTrue(bits), unit)
  },
  human_to_bytes: (value, given) => {
    const [unit, bits = false] = bind('human_to_bytes', ['default_unit=', 'isbits='], given)
    return humanToBytes(value, unit, isTrue(bits))
  },
}
