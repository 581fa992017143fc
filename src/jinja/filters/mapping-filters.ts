import {bind} from '../arguments.ts'
import {equals} from '../compare.ts'
import {fail, JinjaProblem} from '../problem.ts'
import {repr, str} from '../text-of.ts'
import {
  type Dict,
  defined,
  dictOf,
  entriesOf,
  held,
  isDict,
  isTrue,
  iterate,
  Tuple,
  typeName,
  Undefined,
} from '../values.ts'
import {compareKeys, ignoreCase, partOf} from './attributes.ts'
import {needDict, needText} from './needs.ts'
import type {Filters} from './shape.ts'

const listMerges = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp']

const mergeLists = (low: readonly unknown[], high: readonly unknown[], how: string): unknown[] => {
  const without = (list: readonly unknown[], other: readonly unknown[]): unknown[] =>
    list.filter(item => !other.some(one => equals(one, item)))
  switch (how) {
    case 'keep':
      return [...low]
    case 'append':
      return [...low, ...high]
    case 'prepend':
      return [...high, ...low]
    case 'append_rp':
      return [...without(low, high), ...high]
    case 'prepend_rp':
      return [...high, ...without(low, high)]
    default:
      return [...high]
  }
}

/** `high` over `low`; keys keep their first place. */
const merge = (low: Dict, high: Dict, recursive: boolean, how: string): Dict => {
  const result = dictOf(entriesOf(low))
  if (result.size === 0 || equals(low, high)) return dictOf(entriesOf(high))
  for (const [key, value] of dictOf(entriesOf(high))) {
    const before = result.get(key)
    if (isDict(before) && isDict(value)) result.set(key, recursive ? merge(before, value, recursive, how) : value)
    else if (Array.isArray(before) && Array.isArray(value)) result.set(key, mergeLists(before, value, how))
    else result.set(key, value)
  }
  return result
}

const flat = (terms: readonly unknown[]): unknown[] =>
  terms.flatMap(term => (Array.isArray(term) ? term : [term])).filter(term => term !== null)

/** Filters on mappings, and those that hand values on as they are. */
export const mappingFilters: Filters = {
  items: value =>
    value instanceof Undefined ? [] : entriesOf(needDict(value, 'items')).map(entry => Tuple.from(entry)),
  dict2items: (value, given) => {
    const [key = 'key', name = 'value'] = bind('dict2items', ['key_name=', 'value_name='], given)
    return entriesOf(needDict(defined(value), 'dict2items')).map(entry =>
      dictOf([
        [key, entry[0]],
        [name, entry[1]],
      ]),
    )
  },
  items2dict: (value, given) => {
    const [key = 'key', name = 'value'] = bind('items2dict', ['key_name=', 'value_name='], given)
    if (!Array.isArray(defined(value))) return fail(`items2dict needs a list, not ${typeName(value)}`)
    return dictOf(
      iterate(value).map(item => {
        const [first, second] = isDict(item) ? [held(item, key), held(item, name)] : []
        if (first === undefined || second === undefined)
          return fail(`items2dict needs the keys ${repr(key)} and ${repr(name)} in every item`)
        return [first, second] as const
      }),
    )
  },
  combine: (value, {args, named}) => {
    for (const name of named.keys())
      if (!['recursive', 'list_merge'].includes(name))
        return fail(`combine has no argument '${name}'`, 'it has: recursive, list_merge')
    const how = str(named.get('list_merge') ?? 'replace')
    if (!listMerges.includes(how)) return fail(`list_merge cannot be '${how}'`, `it can be: ${listMerges.join(', ')}`)
    const dicts = flat([value, ...args]).map(dict => needDict(defined(dict), 'combine'))
    const recursive = isTrue(named.get('recursive') ?? false)
    const [last, ...others] = dicts.toReversed()
    return others.reduce<Dict>((high, low) => merge(low, high, recursive, how), last ?? new Map())
  },
  dictsort: (value, given) => {
    const [caseSensitive = false, by = 'key', reverse = false] = bind(
      'dictsort',
      ['case_sensitive=', 'by=', 'reverse='],
      given,
    )
    if (by !== 'key' && by !== 'value') return fail('You can only sort by either "key" or "value"')
    const at = by === 'key' ? 0 : 1
    const key = (entry: readonly unknown[]): unknown[] => [isTrue(caseSensitive) ? entry[at] : ignoreCase(entry[at])]
    const sign = isTrue(reverse) ? -1 : 1
    return entriesOf(needDict(value, 'dictsort'))
      .toSorted((a, b) => sign * compareKeys(key(a), key(b)))
      .map(entry => Tuple.from(entry))
  },
  extract: (value, given) => {
    const [container, more] = bind('extract', ['container', 'morekeys='], given)
    const keys = [value, ...(Array.isArray(more) ? more : more === undefined || more === null ? [] : [more])]
    let found: unknown = container
    for (const key of keys) found = partOf(found, key)
    return found
  },
  subelements: (value, given) => {
    const [path, skip = false] = bind('subelements', ['subelements', 'skip_missing='], given)
    const items = isDict(value) ? entriesOf(value).map(([, one]) => one) : iterate(value)
    const parts = Array.isArray(path) ? path : needText(path).split('.')
    return items.flatMap(item => {
      let found: unknown = item
      for (const part of parts) {
        found = isDict(found)
          ? held(found, part)
          : fail(`the key ${String(part)} should point to a dictionary, got ${repr(found)}`)
        if (found !== undefined) continue
        if (!isTrue(skip))
          return fail(
            `could not find ${repr(part)} key in iterated item ${repr(item)}`,
            'write subelements(…, skip_missing=True)',
          )
        found = []
        break
      }
      if (!Array.isArray(found)) return fail(`the key ${repr(parts.at(-1))} should point to a list, got ${repr(found)}`)
      return found.map(one => Tuple.from([item, one]))
    })
  },
  rekey_on_member: (value, given) => {
    const [key, duplicates = 'error'] = bind('rekey_on_member', ['key', 'duplicates='], given)
    const result = new Map<unknown, unknown>()
    for (const item of isDict(value) ? entriesOf(value).map(([, one]) => one) : iterate(value)) {
      const name = held(needDict(item, 'rekey_on_member'), key)
      if (name === undefined) return fail(`Key ${String(key)} was not found`)
      if (result.has(name) && duplicates === 'error')
        return fail(`Key ${repr(name)} is not unique, cannot correctly turn into dict`)
      result.set(name, item)
    }
    return result
  },
  default: (value, given) => {
    const [other = '', empty = false] = bind('default', ['default_value=', 'boolean='], given)
    return value instanceof Undefined || (isTrue(empty) && !isTrue(value)) ? other : value
  },
  d: (value, given, tools) => tools.filter('default', value, given),
  mandatory: (value, given) => {
    const [message] = bind('mandatory', ['msg='], given)
    if (!(value instanceof Undefined)) return value
    if (typeof message !== 'string') throw value.error
    throw new JinjaProblem('undefined-variable', message, {why: value.error.message})
  },
  ternary: (value, given) => {
    const [yes, no, none = null] = bind('ternary', ['true_val', 'false_val', 'none_val='], given)
    if (value === null && none !== null) return none
    return isTrue(value) ? yes : no
  },
}
