import type {Given} from '../arguments.ts'
import {compare} from '../compare.ts'
import {fail, refuseIt} from '../problem.ts'
import {str} from '../text-of.ts'
import {defined, entriesOf, isDict, isFloat, isNumber, isTrue, KeptText, Tuple, toNumber, typeName} from '../values.ts'

const width = 80
const resolved = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:<<|=|~|null|Null|NULL|)$/,
  /^(?:\d\d\d\d-\d\d-\d\d|\d\d\d\d-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/,
]

const scalar = (text: string, inFlow: boolean): string => {
  if (/\n/.test(text))
    return refuseIt(
      'YAML of text with several lines is not supported',
      "Ansible's way to quote it is not kept",
      'write | to_nice_json',
    )
  if (/[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\ufeff/u.test(text))
    return refuseIt(
      'YAML of text with control characters is not supported',
      "Ansible's way to quote it is not kept",
      'write | to_nice_json',
    )
  const indicator =
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](?:$| )/.test(text) ||
    /:(?: |$)/.test(text) ||
    / #/.test(text) ||
    /^(?:---|\.\.\.)/.test(text)
  const flow = inFlow && (/[,?[\]{}]/.test(text) || /:/.test(text))
  const flowStart = inFlow && /^[?:-]/.test(text) && /^[?:]/.test(text)
  const quote =
    text === '' || /^ | $/.test(text) || indicator || flow || flowStart || resolved.some(pattern => pattern.test(text))
  return quote ? `'${text.replaceAll("'", "''")}'` : text
}

const plain = (value: unknown, inFlow: boolean): string | undefined => {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return scalar(value, inFlow)
  if (value instanceof KeptText) return scalar(value.text, inFlow)
  if (isFloat(value)) {
    const number = toNumber(value)
    if (!Number.isFinite(number)) return Number.isNaN(number) ? '.nan' : number > 0 ? '.inf' : '-.inf'
    return str(value).replace(/^(-?\d+)e/, '$1.0e')
  }
  return isNumber(value) ? str(value) : undefined
}

type Style = {readonly indent: number; readonly sortKeys: boolean; readonly flow: boolean | undefined}

class Writer {
  readonly #style: Style
  constructor(style: Style) {
    this.#style = style
  }

  #entries(value: unknown): [unknown, unknown][] {
    const entries = isDict(value) ? entriesOf(value) : []
    return this.#style.sortKeys ? entries.toSorted(([a], [b]) => compare(a, b)) : entries
  }

  #isFlow(value: unknown): boolean {
    const parts = isDict(value) ? entriesOf(value).flat() : (value as unknown[])
    if (parts.length === 0) return true
    if (this.#style.flow !== undefined) return this.#style.flow
    return parts.every(part => plain(part, true) !== undefined)
  }

  #flow(value: unknown): string {
    const text = plain(value, true)
    if (text !== undefined) return text
    if (Array.isArray(value)) return `[${value.map(item => this.#flow(item)).join(', ')}]`
    return `{${this.#entries(value)
      .map(([key, held]) => `${this.#flow(key)}: ${this.#flow(held)}`)
      .join(', ')}}`
  }

  /** Lines of a value; the first stands behind its key or dash. */
  lines(value: unknown, column: number, inList = false): string[] {
    const text = plain(defined(value), false)
    if (text !== undefined) return [text]
    if (value instanceof Tuple)
      return refuseIt(
        'YAML of a tuple is not supported',
        'Ansible writes it with a tag of Python',
        'write | map("list")',
      )
    if (!Array.isArray(value) && !isDict(value)) return fail(`a ${typeName(value)} cannot be written as YAML`)
    if (this.#isFlow(value)) return [this.#flow(value)]
    const pad = ' '.repeat(column)
    const {indent} = this.#style
    if (Array.isArray(value))
      return value.flatMap((item, index) => {
        const block = (Array.isArray(item) || isDict(item)) && !this.#isFlow(item)
        const lead = `-${' '.repeat(block ? indent - 1 : 1)}`
        const [first = '', ...rest] = this.lines(item, column + (block ? indent : 2), true)
        return [`${index === 0 && inList ? '' : pad}${lead}${first}`, ...rest]
      })
    return this.#entries(value).flatMap(([key, held], index) => {
      const name = plain(key, false) ?? refuseIt('YAML with such a key is not supported', 'keys must be plain')
      const start = `${index === 0 && inList ? '' : pad}${name}:`
      const block = (Array.isArray(held) || isDict(held)) && !this.#isFlow(held)
      if (!block) return [`${start} ${this.lines(held, column)[0] ?? ''}`]
      return [start, ...this.lines(held, Array.isArray(held) ? column : column + indent)]
    })
  }
}

/** As Ansible's to_yaml and to_nice_yaml write a value. */
export const yamlText = (value: unknown, who: 'to_yaml' | 'to_nice_yaml', {args, named}: Given): string => {
  const known = ['indent', 'sort_keys', 'default_flow_style', 'width']
  for (const name of named.keys())
    if (!known.includes(name)) return fail(`${who} has no argument '${name}' here`, `it has: ${known.join(', ')}`)
  const flow = who === 'to_nice_yaml' ? false : (named.get('default_flow_style') ?? undefined)
  const widest = named.get('width') === undefined ? width : Number(named.get('width'))
  const style = {
    indent: Number(named.get('indent') ?? args[0] ?? (who === 'to_nice_yaml' ? 4 : 2)),
    sortKeys: isTrue(named.get('sort_keys') ?? true),
    flow: flow === undefined || flow === null ? undefined : isTrue(flow),
  }
  const lines = new Writer(style).lines(value, 0)
  const long = lines.find(line => line.length > widest && /\S \S/.test(line.trim()))
  if (long !== undefined)
    return refuseIt(
      'YAML with so long a line is not supported',
      'Ansible breaks it at its own places',
      `write ${who}(width=1000)`,
    )
  return `${lines.join('\n')}\n`
}
