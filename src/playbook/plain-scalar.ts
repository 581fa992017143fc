/** What PyYAML reads as a value that cannot be kept: here it would be another. */
export class Inexact {
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

const booleans = new Map(
  Object.entries({yes: true, no: false, true: true, false: false, on: true, off: false}).flatMap(([word, value]) =>
    [word, word[0]?.toUpperCase() + word.slice(1), word.toUpperCase()].map(form => [form, value] as const),
  ),
)
const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])
const integer = /^([-+]?)(?:0b([01_]+)|0x([\da-fA-F_]+)|(0[0-7_]*)|([1-9][\d_]*)|([1-9][\d_]*(?::[0-5]?\d)+))$/
const float = /^[-+]?(?:\d[\d_]*)\.[\d_]*(?:[eE][-+]\d+)?$|^\.\d[\d_]*(?:[eE][-+]\d+)?$/
const base60Float = /^([-+]?)(\d[\d_]*(?::[0-5]?\d)+\.[\d_]*)$/
const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/
const time = /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/

const base60 = (text: string): number => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
const signed = (sign: string | undefined, value: number): number => (sign === '-' ? 0 - value : value)

/** The value of text without quotes and tag, as PyYAML (YAML 1.1) and with it Ansible reads it. */
export const plainScalar = (text: string): unknown => {
  if (nulls.has(text)) return null
  const truth = booleans.get(text)
  if (truth !== undefined) return truth
  if (!/^[-+.\d]/.test(text)) return text
  const [, sign, binary, hex, octal, decimal, sixties] = integer.exec(text) ?? []
  const whole =
    binary !== undefined
      ? Number.parseInt(binary.replaceAll('_', ''), 2)
      : hex !== undefined
        ? Number.parseInt(hex.replaceAll('_', ''), 16)
        : octal !== undefined
          ? Number.parseInt(octal.replaceAll('_', ''), 8)
          : decimal !== undefined
            ? Number(decimal.replaceAll('_', ''))
            : sixties !== undefined
              ? base60(sixties.replaceAll('_', ''))
              : undefined
  if (whole !== undefined)
    return Number.isSafeInteger(whole) ? signed(sign, whole) : new Inexact('a number of more than 15 digits')
  if (float.test(text)) return Number(text.replaceAll('_', ''))
  const [, minus, parts] = base60Float.exec(text) ?? []
  if (parts !== undefined) return signed(minus, base60(parts.replaceAll('_', '')))
  const [infinite, negative] = infinity.exec(text) ?? []
  if (infinite !== undefined) return signed(negative, Number.POSITIVE_INFINITY)
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN
  return time.test(text) ? new Inexact('a date with a time') : text
}
