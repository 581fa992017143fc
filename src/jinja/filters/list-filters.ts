import {bind, type Given} from '../arguments.ts'
import {calculate} from '../arithmetic.ts'
import {equals} from '../compare.ts'
import type {Tools} from '../evaluator.ts'
import {fail, JinjaProblem, refuseIt} from '../problem.ts'
import {str} from '../text-of.ts'
import {
  characters,
  defined,
  GroupTuple,
  isDict,
  isTrue,
  iterate,
  KeptText,
  keysOf,
  Tuple,
  typeName,
  Undefined,
} from '../values.ts'
import {attributeOf, compareKeys, ignoreCase, keysOfItem} from './attributes.ts'
import {needInt, needList, needText} from './needs.ts'
import type {Filters} from './shape.ts'

const empty = (what: string): Undefined =>
  new Undefined(new JinjaProblem('undefined-variable', what, {fix: 'write | default(…)'}))
const has = (list: readonly unknown[], value: unknown): boolean => list.some(other => equals(other, value))
const distinct = (list: readonly unknown[]): unknown[] =>
  list.filter((item, index) => list.findIndex(other => equals(other, item)) === index)

/** The operands of a set operation. Python gives those of texts and tuples in no certain order. */
const sides = (value: unknown, given: Given, name: string): [readonly unknown[], readonly unknown[]] => {
  const [other] = bind(name, ['b'], given)
  if (value instanceof Tuple && other instanceof Tuple)
    return refuseIt(`${name} of two tuples is not supported`, "Python's result has no certain order", 'write | list')
  if (typeof value === 'string' && typeof other === 'string')
    return refuseIt(`${name} of two texts is not supported`, "Python's result has no certain order", 'write | list')
  return [iterate(value), iterate(other)]
}

const sorted = (items: readonly unknown[], attribute: unknown, caseSensitive: boolean, reverse = false): unknown[] => {
  const keyed = items.map(item => ({item, key: keysOfItem(item, attribute, caseSensitive)}))
  return keyed
    .toSorted((a, b) => (reverse ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)))
    .map(({item}) => item)
}

const extreme = (value: unknown, given: Given, name: string, sign: number): unknown => {
  const [caseSensitive = false, attribute] = bind(name, ['case_sensitive=', 'attribute='], given)
  const items = iterate(value)
  if (items.length === 0) return empty('No aggregated item, sequence was empty.')
  const key = (item: unknown): unknown[] => {
    const held = attribute === undefined || attribute === null ? item : attributeOf(item, attribute)
    return [isTrue(caseSensitive) ? held : ignoreCase(held)]
  }
  return items.reduce((best, item) => (compareKeys(key(item), key(best)) * sign > 0 ? item : best))
}

const chosen = (
  value: unknown,
  {args, named}: Given,
  tools: Tools,
  wanted: boolean,
  byAttribute: boolean,
): unknown[] => {
  if (!isTrue(value)) return []
  const rest = [...args]
  const attribute = byAttribute ? rest.shift() : undefined
  if (byAttribute && attribute === undefined) return fail('Missing parameter for attribute name')
  const [test, ...more] = rest
  return iterate(value).filter(item => {
    const held = byAttribute ? attributeOf(item, attribute) : item
    return (test === undefined ? isTrue(held) : tools.test(needText(test), held, {args: more, named})) === wanted
  })
}

const flatten = (list: readonly unknown[], levels: number, skipNulls: boolean): unknown[] =>
  list.flatMap(item => {
    if (
      skipNulls &&
      (item === null || ['None', 'null'].includes(item instanceof KeptText ? item.text : (item as string)))
    )
      return []
    return Array.isArray(item) && levels >= 1 ? flatten(item, levels - 1, skipNulls) : [item]
  })

const longest = 1_000_000
const product = (lists: readonly (readonly unknown[])[]): Tuple[] => {
  if (lists.reduce((count, list) => count * list.length, 1) > longest) return fail('the result would be too large')
  return lists
    .reduce<unknown[][]>((all, list) => all.flatMap(done => list.map(item => [...done, item])), [[]])
    .map(one => Tuple.from(one))
}
const choose = (items: readonly unknown[], size: number, ordered: boolean): unknown[][] => {
  if (size === 0) return [[]]
  return items.flatMap((item, index) => {
    const rest = ordered ? items.toSpliced(index, 1) : items.slice(index + 1)
    return choose(rest, size - 1, ordered).map(more => [item, ...more])
  })
}
const zip = (lists: readonly (readonly unknown[])[], length: number, fill: unknown): Tuple[] =>
  Array.from({length}, (_, index) => Tuple.from(lists, list => (index < list.length ? list[index] : fill)))

/** Filters on lists. */
export const listFilters: Filters = {
  list: value => (isDict(value) ? keysOf(value) : [...iterate(value)]),
  first: value => (iterate(value).length ? iterate(value)[0] : empty('No first item, sequence was empty.')),
  last: value => (iterate(value).length ? iterate(value).at(-1) : empty('No last item, sequence was empty.')),
  reverse: value => {
    if (typeof value === 'string') return characters(value).toReversed().join('')
    return [...iterate(value)].toReversed()
  },
  join: (value, given) => {
    const [glue = '', attribute] = bind('join', ['d=', 'attribute='], given)
    const items = iterate(value)
    const parts =
      attribute === undefined || attribute === null ? items : items.map(item => attributeOf(item, attribute))
    return parts.map(item => str(defined(item))).join(str(glue))
  },
  sort: (value, given) => {
    const [reverse = false, caseSensitive = false, attribute] = bind(
      'sort',
      ['reverse=', 'case_sensitive=', 'attribute='],
      given,
    )
    return sorted(iterate(value), attribute, isTrue(caseSensitive), isTrue(reverse))
  },
  min: (value, given) => extreme(value, given, 'min', -1),
  max: (value, given) => extreme(value, given, 'max', 1),
  sum: (value, given) => {
    const [attribute, start = 0] = bind('sum', ['attribute=', 'start='], given)
    if (typeof start === 'string') return fail("sum() can't sum strings", 'write | join')
    const items =
      attribute === undefined || attribute === null
        ? iterate(value)
        : iterate(value).map(item => attributeOf(item, attribute))
    return items.reduce((total, item) => calculate('+', total, item), start)
  },
  unique: (value, given) => {
    const [caseSensitive, attribute] = bind('unique', ['case_sensitive=', 'attribute='], given)
    const items = iterate(value)
    const hashable = (item: unknown): boolean => !isDict(item) && (!Array.isArray(item) || item instanceof Tuple)
    const keys = items.map(item =>
      attribute === undefined || attribute === null ? item : attributeOf(item, attribute),
    )
    if (!keys.every(hashable)) {
      if (caseSensitive === false || attribute)
        return fail('unique by lists or mappings with these arguments is not possible')
      return distinct(items)
    }
    const shown = isTrue(caseSensitive ?? null) ? keys : keys.map(ignoreCase)
    return items.filter((_, index) => shown.findIndex(key => equals(key, shown[index])) === index)
  },
  union: (value, given) => {
    const [a, b] = sides(value, given, 'union')
    return distinct(needList(calculate('+', a, b), 'union'))
  },
  intersect: (value, given) => {
    const [a, b] = sides(value, given, 'intersect')
    return distinct(a.filter(item => has(b, item)))
  },
  difference: (value, given) => {
    const [a, b] = sides(value, given, 'difference')
    return distinct(a.filter(item => !has(b, item)))
  },
  symmetric_difference: (value, given) => {
    const [a, b] = sides(value, given, 'symmetric_difference')
    return distinct([...a, ...b]).filter(item => !(has(a, item) && has(b, item)))
  },
  map: (value, given, tools) => {
    const {args, named} = given
    if (!isTrue(value)) return []
    if (args.length === 0 && named.has('attribute')) {
      const [attribute, other] = bind('map', ['attribute', 'default='], given)
      return iterate(value).map(item => attributeOf(item, attribute, other ?? undefined))
    }
    const [name, ...rest] = args
    if (name === undefined) return fail('map needs a filter or attribute=', "write map('int') or map(attribute='name')")
    return iterate(value).map(item => tools.filter(needText(name), item, {args: rest, named}))
  },
  select: (value, given, tools) => chosen(value, given, tools, true, false),
  reject: (value, given, tools) => chosen(value, given, tools, false, false),
  selectattr: (value, given, tools) => chosen(value, given, tools, true, true),
  rejectattr: (value, given, tools) => chosen(value, given, tools, false, true),
  groupby: (value, given) => {
    const [attribute, other, caseSensitive = false] = bind(
      'groupby',
      ['attribute', 'default=', 'case_sensitive='],
      given,
    )
    const key = (item: unknown): unknown => defined(attributeOf(item, attribute, other ?? undefined))
    const plain = (item: unknown): unknown => (isTrue(caseSensitive) ? key(item) : ignoreCase(key(item)))
    const items = iterate(value)
      .map(item => ({item, key: plain(item)}))
      .toSorted((a, b) => compareKeys([a.key], [b.key]))
    const groups: {key: unknown; items: unknown[]}[] = []
    for (const one of items) {
      const last = groups.at(-1)
      if (last && equals(last.key, one.key)) last.items.push(one.item)
      else groups.push({key: one.key, items: [one.item]})
    }
    return groups.map(group => GroupTuple.from([key(group.items[0]), group.items]))
  },
  batch: (value, given) => {
    const [count, fill] = bind('batch', ['linecount', 'fill_with='], given)
    const size = needInt(count)
    const items = iterate(value)
    const rows = Array.from({length: Math.ceil(items.length / size)}, (_, row) =>
      items.slice(row * size, (row + 1) * size),
    )
    return rows.map(row =>
      fill === undefined || fill === null ? row : [...row, ...Array.from({length: size - row.length}, () => fill)],
    )
  },
  slice: (value, given) => {
    const [count, fill] = bind('slice', ['slices', 'fill_with='], given)
    const items = iterate(value)
    const slices = needInt(count)
    const [each, more] = [Math.floor(items.length / slices), items.length % slices]
    return Array.from({length: slices}, (_, index) => {
      const from = index * each + Math.min(index, more)
      const part = items.slice(from, from + each + (index < more ? 1 : 0))
      return fill === undefined || fill === null || index < more ? part : [...part, fill]
    })
  },
  flatten: (value, given) => {
    const [levels, skip = true] = bind('flatten', ['levels=', 'skip_nulls='], given)
    return flatten(iterate(value), levels === undefined || levels === null ? Infinity : needInt(levels), isTrue(skip))
  },
  zip: (value, {args}) => {
    const lists = [value, ...args].map(iterate)
    return zip(lists, Math.min(...lists.map(list => list.length)), null)
  },
  zip_longest: (value, {args, named}) => {
    const lists = [value, ...args].map(iterate)
    return zip(lists, Math.max(...lists.map(list => list.length)), named.get('fillvalue') ?? null)
  },
  product: (value, {args, named}) => {
    const lists = [value, ...args].map(iterate)
    const times = needInt(named.get('repeat') ?? 1)
    return product(Array.from({length: times}, () => lists).flat())
  },
  permutations: (value, given) => {
    const [size] = bind('permutations', ['r='], given)
    const items = iterate(value)
    if (items.length > 8) return fail('the result would be too large')
    return choose(items, size === undefined || size === null ? items.length : needInt(size), true).map(one =>
      Tuple.from(one),
    )
  },
  combinations: (value, given) => {
    const items = iterate(value)
    if (items.length > 20) return fail('the result would be too large')
    return choose(items, needInt(bind('combinations', ['r'], given)[0]), false).map(one => Tuple.from(one))
  },
  type_debug: value => {
    const name = typeName(value)
    return name === 'str'
      ? refuseIt(
          'type_debug of text is not supported',
          "Ansible's names for kinds of text say where it came from",
          'write is string',
        )
      : name
  },
}
