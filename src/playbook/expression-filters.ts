import {createHash} from 'node:crypto'
import {basename, dirname} from 'node:path'
import {quote} from '../shell/quote.ts'
import {isMapping} from './mapping.ts'

type Values = readonly unknown[]
type Filter = (input: any, args: Values, named: Readonly<Record<string, unknown>>) => unknown

const pattern = (text: unknown, named: Readonly<Record<string, unknown>>, anchor = ''): RegExp =>
  new RegExp(
    anchor + String(text).replaceAll('(?P<', '(?<'),
    `${named['ignorecase'] ? 'i' : ''}${named['multiline'] ? 'm' : ''}`,
  )
const merge = (into: Record<string, any>, from: Record<string, any>, deep: boolean): Record<string, unknown> => {
  const result = {...into}
  for (const [key, value] of Object.entries(from))
    result[key] =
      deep && isMapping(value) && isMapping(result[key]) ? merge(result[key], value, true) : (value as unknown)
  return result
}
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const has = (list: Values, value: unknown): boolean => list.some(other => same(other, value))

/** C's printf as Python's `%` has it, for the conversions that text needs. */
const format = (text: string, values: Values): string => {
  let next = 0
  return text.replaceAll(/%(-?)(0?)(\d*)(?:\.(\d+))?([sdifxX%])/g, (_, left, zero, width, precision, kind) => {
    if (kind === '%') return '%'
    if (next >= values.length) throw new TypeError('format has fewer values than the text asks for')
    const value = values[next++]
    const plain =
      kind === 's'
        ? String(value)
        : kind === 'f'
          ? Number(value).toFixed(Number(precision ?? 6))
          : Math.trunc(Number(value)).toString(/x/i.test(kind) ? 16 : 10)
    const shown = kind === 'X' ? plain.toUpperCase() : plain
    return left ? shown.padEnd(Number(width)) : shown.padStart(Number(width), zero ? '0' : ' ')
  })
}

/** Ansible's filters that Jinja itself lacks; `items` keeps the order in which a mapping was written. */
export const filters: Readonly<Record<string, Filter>> = {
  items: input => Object.entries(input),
  keys: input => Object.keys(input),
  values: input => Object.values(input),
  list: input => (isMapping(input) ? Object.keys(input) : [...input]),
  dict2items: (input, [key = 'key', value = 'value'], named) =>
    Object.entries(input).map(([name, held]) => ({
      [String(named['key_name'] ?? key)]: name,
      [String(named['value_name'] ?? value)]: held,
    })),
  items2dict: (input: Record<string, unknown>[], [key = 'key', value = 'value'], named) =>
    Object.fromEntries(
      input.map(item => [String(item[String(named['key_name'] ?? key)]), item[String(named['value_name'] ?? value)]]),
    ),
  combine: (input, others, named) =>
    others.flat().reduce((all: any, other: any) => merge(all, other, Boolean(named['recursive'])), input),
  extract: (input, [from, more]) =>
    [more ?? []].flat().reduce((held: any, key: any) => held?.[key], (from as any)[input]),
  ternary: (input, [yes, no]) => (input ? yes : no),
  mandatory: input => input,
  format: (input, values) => format(input, values),
  union: (input: Values, [other]) =>
    [...input, ...(other as Values)].filter((item, index, all) => all.findIndex(x => same(x, item)) === index),
  intersect: (input: Values, [other]) => input.filter(item => has(other as Values, item)),
  difference: (input: Values, [other]) => input.filter(item => !has(other as Values, item)),
  flatten: (input: unknown[], [levels]) => input.flat(levels === undefined ? Infinity : Number(levels)),
  zip: (input: Values, others) =>
    input
      .slice(0, Math.min(...others.map(other => (other as Values).length)))
      .map((item, index) => [item, ...others.map(other => (other as Values)[index])]),
  to_json: input => JSON.stringify(input).replaceAll(/(?<=^(?:[^"]|"(?:[^"\\]|\\.)*")*)([,:])/g, '$1 '),
  to_nice_json: input => JSON.stringify(input, null, 4),
  from_json: input => JSON.parse(input),
  regex_replace: (input, [from = '', to = ''], named) =>
    String(input).replaceAll(
      new RegExp(pattern(from, named), `${pattern(from, named).flags}g`),
      String(to)
        .replaceAll('$', '$$$$')
        .replaceAll(/\\g<(\w+)>|\\(\d)/g, (_, name, digit) => (digit ? `$${digit}` : `$<${name}>`)),
    ),
  regex_search: (input, [from], named) => pattern(from, named).exec(String(input))?.[0] ?? null,
  regex_findall: (input, [from], named) =>
    [...String(input).matchAll(new RegExp(pattern(from, named), `${pattern(from, named).flags}g`))].map(
      found => found[1] ?? found[0],
    ),
  basename: input => basename(input),
  dirname: input => dirname(input),
  b64encode: input => Buffer.from(String(input)).toString('base64'),
  b64decode: input => Buffer.from(String(input), 'base64').toString('utf8'),
  hash: (input, [kind = 'sha1']) => createHash(String(kind)).update(String(input)).digest('hex'),
  quote: input => quote(String(input)),
}

/** Ansible's tests that Jinja itself lacks. */
export const tests: Readonly<
  Record<string, (input: any, args: Values, named: Readonly<Record<string, unknown>>) => boolean>
> = {
  match: (input, [text], named) => pattern(text, named, '^').test(String(input)),
  search: (input, [text], named) => pattern(text, named).test(String(input)),
  regex: (input, [text], named) => pattern(text, named).test(String(input)),
  contains: (input, [value]) => (Array.isArray(input) ? has(input, value) : Object.hasOwn(input, String(value))),
  subset: (input: Values, [other]) => input.every(item => has(other as Values, item)),
  superset: (input: Values, [other]) => (other as Values).every(item => has(input, item)),
  truthy: input => Boolean(input),
  falsy: input => !input,
}

/** Names of arguments of the filters above; a mapping with other keys is a value. */
export const namedArguments: ReadonlySet<string> = new Set([
  'recursive',
  'list_merge',
  'key_name',
  'value_name',
  'ignorecase',
  'multiline',
])

/** What minijinja has itself. */
export const builtInFilters =
  'abs attr batch bool capitalize count d default dictsort e escape filesizeformat first float groupby indent int items join last length lines list lower map max min pprint reject rejectattr replace reverse round safe select selectattr slice sort split string striptags sum title tojson trim truncate unique upper'.split(
    ' ',
  )
export const builtInTests =
  'boolean defined divisibleby eq equalto escaped even false filter float ge greaterthan gt in integer iterable le lessthan lower lt mapping ne none number odd sameas sequence string test true undefined upper'.split(
    ' ',
  )
