import {keysAsWritten} from '../diagnostics/positions.ts'
import {Secret} from '../shell/secret.ts'
import {fail} from './problem.ts'

/** A number of Python that is no int although its value is whole (2.0), infinite or no number. */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
  valueOf(): number {
    return this.value
  }
  toJSON(): number {
    return this.value
  }
}

/** A list of Python that cannot be changed and prints in parentheses. */
export class Tuple extends Array<unknown> {}

/** What groupby gives: a tuple whose parts have names. */
export class GroupTuple extends Tuple {}

/** A name or part that nothing defines; using it throws `error`. */
export class Undefined {
  readonly error: Error
  constructor(error: Error) {
    this.error = error
  }
}

/** What `'a' if no` gives: nothing in text, and no item; other uses say so. */
export class NoElse extends Undefined {}

/** A function that an expression can call: a method, a macro, `range`. */
export class Callable {
  readonly name: string
  readonly call: (args: readonly unknown[], named: ReadonlyMap<string, unknown>) => unknown
  constructor(name: string, call: Callable['call']) {
    this.name = name
    this.call = call
  }
}

/** Something with attributes that only the engine makes: `loop`, a namespace, an imported template. */
export class Attributes {
  readonly type: string
  readonly get: (name: string) => unknown
  readonly set: ((name: string, value: unknown) => void) | undefined
  constructor(type: string, get: (name: string) => unknown, set?: (name: string, value: unknown) => void) {
    this.type = type
    this.get = get
    this.set = set
  }
}

/** Text that Ansible keeps as text although it looks like a list or mapping: what `to_json` and `string` gave. */
export class KeptText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Dict = Map<unknown, unknown> | Readonly<Record<string, unknown>>

export const float = (value: number): number | Float =>
  Number.isInteger(value) || !Number.isFinite(value) ? new Float(value) : value
/** An int of any size: numbers while they are exact, bigints beyond. */
export const int = (value: bigint | number): number | bigint => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : BigInt(value)
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}
export const isFloat = (value: unknown): value is number | Float =>
  value instanceof Float || (typeof value === 'number' && !Number.isInteger(value))
export const isInt = (value: unknown): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
export const isNumber = (value: unknown): value is number | bigint | Float | boolean =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value instanceof Float
export const toNumber = (value: number | bigint | Float | boolean): number =>
  value instanceof Float ? value.value : Number(value)

export const isDict = (value: unknown): value is Dict =>
  value instanceof Map ||
  (typeof value === 'object' &&
    value !== null &&
    (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null))

/** Keys of Python are equal when their values are: 1, 1.0 and True are one key. */
const keyOf = (key: unknown): unknown => {
  if (key instanceof Float || typeof key === 'boolean') return Number(key)
  if (key instanceof KeptText) return key.text
  if (key instanceof Tuple) return `(tuple)${JSON.stringify(key.map(keyOf))}`
  if (Array.isArray(key) || isDict(key)) return fail(`unhashable type: '${typeName(key)}'`)
  return key
}

export const entriesOf = (dict: Dict): [unknown, unknown][] => {
  if (dict instanceof Map) return [...dict.entries()]
  const written = keysAsWritten(dict)
  if (!written) return Object.entries(dict)
  const names = [
    ...written.keys().filter(name => Object.hasOwn(dict, name)),
    ...Object.keys(dict).filter(name => !written.has(name)),
  ]
  return names.map(name => [written.has(name) ? written.get(name) : name, dict[name]])
}
export const keysOf = (dict: Dict): unknown[] => entriesOf(dict).map(([key]) => key)

/** What a mapping holds below a key; `undefined` when it has no such key. */
export const held = (dict: Dict, key: unknown): unknown => {
  if (dict instanceof Map) {
    if (dict.has(key)) return dict.get(key)
    const plain = keyOf(key)
    for (const [other, value] of dict) if (keyOf(other) === plain) return value
    return undefined
  }
  const written = keysAsWritten(dict)
  if (written) {
    const plain = keyOf(key)
    for (const [name, other] of written) if (keyOf(other) === plain && Object.hasOwn(dict, name)) return dict[name]
    return typeof key === 'string' && !written.has(key) && Object.hasOwn(dict, key) ? dict[key] : undefined
  }
  const name = keyOf(key)
  return typeof name === 'string' && Object.hasOwn(dict, name) ? dict[name] : undefined
}

/** A mapping of entries; of keys that are equal the first stays, with the last value. */
export const dictOf = (entries: Iterable<readonly [unknown, unknown]>): Map<unknown, unknown> => {
  const dict = new Map<unknown, unknown>()
  const own = new Map<unknown, unknown>()
  for (const [key, value] of entries) {
    const plain = keyOf(key)
    if (!own.has(plain)) own.set(plain, key instanceof KeptText ? key.text : key)
    dict.set(own.get(plain), value)
  }
  return dict
}

/** Text by its code points, as Python counts them. */
export const characters = (text: string): string[] => (/[\uD800-\uDFFF]/.test(text) ? Array.from(text) : text.split(''))

export const typeName = (value: unknown): string => {
  if (value === null) return 'NoneType'
  if (value instanceof Undefined) return 'AnsibleUndefined'
  if (typeof value === 'boolean') return 'bool'
  if (isFloat(value)) return 'float'
  if (isInt(value)) return 'int'
  if (typeof value === 'string' || value instanceof KeptText || value instanceof Secret) return 'str'
  if (value instanceof Tuple) return 'tuple'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Attributes) return value.type
  return value instanceof Callable ? 'function' : 'dict'
}

/** A value that something is done with: an undefined one says so. */
export const defined = (value: unknown): unknown => {
  if (value instanceof Undefined) throw value.error
  return value
}

export const isTrue = (value: unknown): boolean => {
  if (value instanceof NoElse) return false
  defined(value)
  if (value instanceof KeptText) return value.text !== ''
  if (value instanceof Float) return value.value !== 0
  if (Array.isArray(value)) return value.length > 0
  if (value instanceof Map) return value.size > 0
  if (value instanceof Secret) return isTrue(value.open())
  if (isDict(value)) return Object.keys(value).length > 0
  return Boolean(value)
}

/** What a loop or filter goes over: items, keys, characters. */
export const iterate = (value: unknown): readonly unknown[] => {
  if (value instanceof NoElse) return []
  defined(value)
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return characters(value)
  if (value instanceof KeptText) return characters(value.text)
  if (isDict(value)) return keysOf(value)
  return fail(`'${typeName(value)}' object is not iterable`, 'a list, a mapping or text can be gone through')
}

export const lengthOf = (value: unknown): number => {
  defined(value)
  if (isNumber(value) || value === null) return fail(`object of type '${typeName(value)}' has no len()`)
  return iterate(value).length
}
