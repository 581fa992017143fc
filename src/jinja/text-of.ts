import {fail} from './problem.ts'
import {
  Attributes,
  Callable,
  type Dict,
  defined,
  entriesOf,
  Float,
  isDict,
  isFloat,
  KeptText,
  NoElse,
  Tuple,
} from './values.ts'

/** A float as Python's repr() shows it: 2.0, 1e-07, 1e+16. */
const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const [digits = '', exponent] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power < -4 || power >= 16) {
    const size = String(Math.abs(power)).padStart(2, '0')
    return `${digits}e${power < 0 ? '-' : '+'}${size}`
  }
  // Beyond 1e21 JavaScript changes to exponents, below 1e-6 too: the digits are placed by hand.
  const text = power < 0 ? value.toFixed(Math.max(0, digits.replace(/[-.]/g, '').length - 1 - power)) : String(value)
  return text.includes('.') ? text : `${text}.0`
}

const escapes: Readonly<Record<string, string>> = {'\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t'}
const hex = (code: number): string => {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text
    .replaceAll(/[\\\n\r\t]/g, sign => escapes[sign] ?? sign)
    .replaceAll(unprintable, sign => hex(sign.codePointAt(0) ?? 0))
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote
}

const dictText = (dict: Dict): string =>
  `{${entriesOf(dict)
    .map(([key, value]) => `${repr(key)}: ${repr(value)}`)
    .join(', ')}}`

/** As Python's repr() shows a value inside a list or mapping. */
export const repr = (value: unknown): string => {
  defined(value)
  if (typeof value === 'string') return quoted(value)
  if (value instanceof KeptText) return quoted(value.text)
  if (value instanceof Tuple) return `(${value.map(repr).join(', ')}${value.length === 1 ? ',' : ''})`
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (isDict(value)) return dictText(value)
  return str(value)
}

/** As Python's str() shows a value. */
export const str = (value: unknown): string => {
  if (value instanceof NoElse) return ''
  defined(value)
  if (typeof value === 'string') return value
  if (value instanceof KeptText) return value.text
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (isFloat(value)) return floatText(value instanceof Float ? value.value : value)
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (Array.isArray(value) || isDict(value)) return repr(value)
  if (value instanceof Callable)
    return fail(`'${value.name}' is a function`, `write ${value.name}(), or x['${value.name}'] for a key of this name`)
  return fail(`${value instanceof Attributes ? `a ${value.type}` : 'this'} cannot be printed`)
}
