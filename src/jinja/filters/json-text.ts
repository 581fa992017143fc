import {compare} from '../compare.ts'
import {fail} from '../problem.ts'
import {str} from '../text-of.ts'
import {defined, entriesOf, isDict, isNumber, KeptText, typeName} from '../values.ts'

const quoted = (text: string, ascii: boolean): string => {
  const json = JSON.stringify(text).replaceAll('\u007f', '\u007f')
  return ascii
    ? json.replaceAll(/[\u0080-\uffff]/g, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json
}

export type JsonStyle = {
  readonly indent: string | undefined
  readonly sortKeys: boolean
  readonly separators: readonly [string, string]
  readonly ascii: boolean
}

const keyText = (key: unknown): string => {
  if (typeof key === 'string') return key
  if (key === null) return 'null'
  if (typeof key === 'boolean') return String(key)
  return isNumber(key) ? str(key) : fail(`keys must be str, int, float, bool or None, not ${typeName(key)}`)
}

/** As Python's json.dumps() writes it. */
export const jsonText = (given: unknown, style: JsonStyle, level = 0): string => {
  const value = given instanceof KeptText ? given.text : defined(given)
  const inner = (held: unknown): string => jsonText(held, style, level + 1)
  const wrap = (parts: readonly string[], open: string, close: string): string => {
    if (parts.length === 0) return open + close
    if (style.indent === undefined) return open + parts.join(style.separators[0]) + close
    const line = `\n${style.indent.repeat(level + 1)}`
    return `${open}${line}${parts.join(style.separators[0].trimEnd() + line)}\n${style.indent.repeat(level)}${close}`
  }
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (isNumber(value)) {
    const text = str(value)
    return {inf: 'Infinity', '-inf': '-Infinity', nan: 'NaN'}[text] ?? text
  }
  if (typeof value === 'string') return quoted(value, style.ascii)
  if (Array.isArray(value)) return wrap(value.map(inner), '[', ']')
  if (!isDict(value)) return fail(`a ${typeName(value)} cannot be written as JSON`)
  const entries = style.sortKeys ? entriesOf(value).toSorted(([a], [b]) => compare(a, b)) : entriesOf(value)
  return wrap(
    entries.map(([key, held]) => `${quoted(keyText(key), style.ascii)}${style.separators[1]}${inner(held)}`),
    '{',
    '}',
  )
}
