import {fail} from './problem.ts'
import {str} from './text-of.ts'
import {characters, isFloat, isInt, isNumber, toNumber, typeName} from './values.ts'

export type Spec = {
  readonly fill: string
  readonly align: string
  readonly sign: string
  readonly alternate: boolean
  readonly zero: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly kind: string
}

const pattern = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su

/** `>10.2f` of format() and f-strings. */
export const readSpec = (text: string): Spec => {
  const found = pattern.exec(text)
  if (!found) return fail(`Invalid format specifier '${text}'`)
  const [, fill, align, sign, alternate, zero, width, grouping, precision, kind] = found
  return {
    fill: fill ?? (zero && !align ? '0' : ' '),
    align: align ?? '',
    sign: sign ?? '-',
    alternate: alternate !== undefined,
    zero: zero !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? '',
    precision: precision === undefined ? undefined : Number(precision),
    kind: kind ?? '',
  }
}

const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

/** `%g`: the shorter of both ways to write a number. */
const general = (value: number, precision: number, alternate: boolean): string => {
  const digits = precision === 0 ? 1 : precision
  if (value === 0) return '0'
  const power = Number(value.toExponential(digits - 1).split('e')[1])
  const text =
    power < -4 || power >= digits
      ? exponent(value.toExponential(digits - 1))
      : value.toFixed(Math.max(0, digits - 1 - power))
  return alternate ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
}

/** The digits of a number without its sign. */
export const digitsOf = (value: unknown, kind: string, precision: number | undefined, alternate = false): string => {
  if (!isNumber(value)) return fail(`%${kind} format: a number is required, not ${typeName(value)}`)
  const number = toNumber(value)
  if ('diu'.includes(kind) || 'boxX'.includes(kind)) {
    const whole = isFloat(value) ? BigInt(Math.trunc(number)) : BigInt(value)
    const radix = kind === 'b' ? 2 : kind === 'o' ? 8 : kind.toLowerCase() === 'x' ? 16 : 10
    const text = (whole < 0n ? -whole : whole).toString(radix).padStart(precision ?? 0, '0')
    const prefix = alternate ? ({b: '0b', o: '0o', x: '0x', X: '0X'}[kind] ?? '') : ''
    return prefix + (kind === 'X' ? text.toUpperCase() : text)
  }
  const size = Math.abs(number)
  if (!Number.isFinite(size)) return Number.isNaN(size) ? 'nan' : 'inf'
  const places = precision ?? 6
  if (size >= 1e21 && 'fF%'.includes(kind)) return fail('the number is too large to be printed')
  const text =
    kind.toLowerCase() === 'f'
      ? size.toFixed(places)
      : kind.toLowerCase() === 'e'
        ? exponent(size.toExponential(places))
        : kind === '%'
          ? `${(size * 100).toFixed(places)}%`
          : general(size, places, alternate)
  return kind === kind.toUpperCase() && kind !== '%' ? text.toUpperCase() : text
}

export const isNegative = (value: unknown): boolean => isNumber(value) && toNumber(value) < 0

const pad = (text: string, {fill, width}: Spec, align: string): string => {
  const missing = width - characters(text).length
  if (missing <= 0) return text
  if (align === '<') return text + fill.repeat(missing)
  if (align === '>') return fill.repeat(missing) + text
  const left = Math.floor(missing / 2)
  return fill.repeat(left) + text + fill.repeat(missing - left)
}

/** `format(value, spec)` of Python. */
export const formatValue = (value: unknown, text: string): string => {
  if (text === '') return str(value)
  const spec = readSpec(text)
  if (typeof value === 'string' || (typeof value === 'boolean' && spec.kind === 's')) {
    if (!['', 's'].includes(spec.kind)) return fail(`Unknown format code '${spec.kind}' for object of type 'str'`)
    if (spec.align === '=') return fail("'=' alignment not allowed in string format specifier")
    const shown = spec.precision === undefined ? str(value) : characters(str(value)).slice(0, spec.precision).join('')
    return pad(shown, spec, spec.align || '<')
  }
  if (!isNumber(value)) return fail(`unsupported format string passed to ${typeName(value)}.__format__`)
  if (spec.kind === 's') return fail(`Unknown format code 's' for object of type '${typeName(value)}'`)
  if (spec.kind === 'c' || spec.kind === 'n') return fail(`the format code '${spec.kind}' is not supported`)
  if (isInt(value) && spec.precision !== undefined && ['', 'd', 'b', 'o', 'x', 'X'].includes(spec.kind))
    return fail('Precision not allowed in integer format specifier')
  const plain = isFloat(value) && spec.kind === '' && spec.precision === undefined
  if (isFloat(value) && 'dboxX'.includes(spec.kind || '!'))
    return fail(`Unknown format code '${spec.kind}' for object of type 'float'`)
  const kind = spec.kind || (isFloat(value) ? 'g' : 'd')
  let digits = plain ? str(value).replace('-', '') : digitsOf(value, kind, spec.precision, spec.alternate)
  if (spec.grouping) {
    const [whole = '', ...rest] = digits.split(/(?=\.)/)
    const every = 'boxX'.includes(kind) ? 4 : 3
    digits = whole.replaceAll(new RegExp(`\\B(?=(.{${every}})+$)`, 'g'), spec.grouping) + rest.join('')
  }
  const sign = isNegative(value) ? '-' : spec.sign === '-' ? '' : spec.sign
  const align = spec.align || (spec.zero ? '=' : '>')
  if (align !== '=') return pad(sign + digits, spec, align)
  return sign + pad(digits, {...spec, width: spec.width - sign.length}, '>')
}
