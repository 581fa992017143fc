import {bind, type Given} from './arguments.ts'
import {compare, equals} from './compare.ts'
import {fail, refuseIt} from './problem.ts'
import {stringMethods} from './string-methods.ts'
import {repr} from './text-of.ts'
import {
  Callable,
  type Dict,
  defined,
  dictOf,
  entriesOf,
  held,
  isDict,
  isInt,
  iterate,
  KeptText,
  keysOf,
  Tuple,
} from './values.ts'

const pairOf = (entry: unknown): [unknown, unknown] => {
  const [key, value] = iterate(entry)
  return [key, value]
}
const changing = (name: string) => (): unknown =>
  refuseIt(`.${name}() of a mapping is not supported`, 'it would change a variable', 'write | combine(…)')

const dictMethods: Readonly<Record<string, (dict: Dict, given: Given) => unknown>> = {
  items: dict => entriesOf(dict).map(entry => Tuple.from(entry)),
  keys: dict => keysOf(dict),
  values: dict => entriesOf(dict).map(([, value]) => value),
  get: (dict, given) => {
    const [key, other = null] = bind('get', ['key', 'default='], given)
    const found = held(dict, key)
    return found === undefined ? other : found
  },
  copy: dict => dictOf(entriesOf(dict)),
}

/** `x.update()` changes what the template itself made; what comes from variables is never changed. */
const ownDictMethods: Readonly<Record<string, (dict: Map<unknown, unknown>, given: Given) => unknown>> = {
  update: (dict, {args: [from = new Map()], named}) => {
    const added = isDict(from) ? entriesOf(from) : iterate(from).map(pairOf)
    for (const [key, value] of dictOf([...added, ...named])) dict.set(key, value)
    return null
  },
  setdefault: (dict, given) => {
    const [key, value = null] = bind('setdefault', ['key', 'default='], given)
    const known = held(dict, key)
    if (known !== undefined) return known
    for (const [plain] of dictOf([[key, value]])) dict.set(plain, value)
    return value
  },
  pop: (dict, given) => {
    const [key, other] = bind('pop', ['key', 'default='], given)
    const known = held(dict, key)
    for (const [plain] of dictOf([[key, null]])) dict.delete(plain)
    return known ?? other ?? fail(`the mapping has no key ${repr(key)}`)
  },
}

const listMethods: Readonly<Record<string, (list: unknown[], given: Given) => unknown>> = {
  index: (list, given) => {
    const [value] = bind('index', ['value'], given)
    const at = list.findIndex(item => equals(item, value))
    return at < 0 ? fail(`${repr(value)} is not in list`) : at
  },
  count: (list, given) => {
    const [value] = bind('count', ['value'], given)
    return list.filter(item => equals(item, value)).length
  },
}

const ownListMethods: Readonly<Record<string, (list: unknown[], given: Given) => unknown>> = {
  append: (list, given) => {
    list.push(bind('append', ['object'], given)[0])
    return null
  },
  extend: (list, given) => {
    list.push(...iterate(bind('extend', ['iterable'], given)[0]))
    return null
  },
  insert: (list, given) => {
    const [at, value] = bind('insert', ['index', 'object'], given)
    list.splice(isInt(at) ? Number(at) : 0, 0, value)
    return null
  },
  pop: (list, given) => {
    const [at = -1] = bind('pop', ['index='], given)
    const [taken] = list.splice(isInt(at) ? Number(at) : -1, 1)
    return taken === undefined ? fail('pop index out of range') : taken
  },
  remove: (list, given) => {
    const at = list.findIndex(item => equals(item, bind('remove', ['value'], given)[0]))
    if (at < 0) return fail('list.remove(x): x not in list')
    list.splice(at, 1)
    return null
  },
  reverse: list => {
    list.reverse()
    return null
  },
  sort: (list, given) => {
    const [, reverse] = bind('sort', ['key=', 'reverse='], given)
    list.sort((a, b) => (reverse ? compare(b, a) : compare(a, b)))
    return null
  },
  clear: list => {
    list.length = 0
    return null
  },
  copy: list => [...list],
}

/** Lists and mappings that the template itself wrote: those its methods may change. */
const own = new WeakSet<object>()
export const markOwn = <Container extends object>(container: Container): Container => {
  own.add(container)
  return container
}

/** A method of a value, bound to it; undefined when it has none of this name. */
export const methodOf = (value: unknown, name: string): Callable | undefined => {
  defined(value)
  const bound = <Of>(
    table: Readonly<Record<string, (of: Of, given: Given) => unknown>>,
    of: Of,
  ): Callable | undefined => {
    const method = Object.hasOwn(table, name) ? table[name] : undefined
    return method && new Callable(name, (args, named) => method(of, {args, named}))
  }
  if (typeof value === 'string') return bound(stringMethods, value)
  if (value instanceof KeptText) return bound(stringMethods, value.text)
  if (value instanceof Tuple) return bound(listMethods, value)
  if (Array.isArray(value)) {
    const method = bound(ownListMethods, value)
    if (method && !own.has(value))
      return new Callable(name, () =>
        refuseIt(
          `.${name}() of this list is not supported`,
          'it would change a variable',
          'write list + [item], or {% set %} a list first',
        ),
      )
    return method ?? bound(listMethods, value)
  }
  if (!isDict(value)) return undefined
  const method = value instanceof Map && own.has(value) ? bound(ownDictMethods, value) : undefined
  if (method) return method
  return Object.hasOwn(ownDictMethods, name) ? new Callable(name, changing(name)) : bound(dictMethods, value)
}
