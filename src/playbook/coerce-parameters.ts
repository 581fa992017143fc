import {copyMarks, isWholeFloat} from '../diagnostics/positions.ts'
import {fourDigits} from '../resources/symbolic-mode.ts'
import {Secret} from '../shell/secret.ts'
import {isMapping} from './mapping.ts'
import {opened, sealed} from './taint.ts'

type Node = {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Node[]
  readonly items?: Node
  readonly properties?: Readonly<Record<string, Node>>
}

/**
 * A value as Ansible makes it fit the type of its parameter (module_utils/common/validation.py of ansible-core): "yes" is
 * true, a number is text, "a,b" is a list. What does not fit stays as it is, for the schema to refuse.
 */
export const coerceParameters = (schema: object, value: unknown): unknown => coerce(schema, value)

const coerce = (node: Node, value: unknown): unknown => {
  const types = typesOf(node)
  if (value instanceof Secret) {
    const plain = opened(value)
    const fitting = coerce(node, plain)
    return fitting === plain ? value : sealed(fitting)
  }
  if (isMapping(value) && node.properties) {
    const given = Object.entries(value).filter(([, held]) => held !== null)
    return copyMarks(
      value,
      Object.fromEntries(
        given.map(([key, held]) => {
          const part = node.properties?.[key]
          return [key, part ? coerce(part, isMode(key, held) ? fourDigits(held) : asWritten(value, key, part)) : held]
        }),
      ),
    )
  }
  if (Array.isArray(value)) {
    const items = itemsOf(node)
    return items
      ? copyMarks(
          value,
          value.map((_, index) => coerce(items, asWritten(value, index, items))),
        )
      : value
  }
  if (typeof value === 'boolean')
    return types.has('boolean') ? value : types.has('string') ? pythonBoolean(value) : value
  if (typeof value === 'number') {
    if (types.has('number') || (types.has('integer') && Number.isInteger(value))) return value
    if (types.has('string')) return String(value)
    if (types.has('array')) return [String(value)]
    return types.has('boolean') ? (booleans.get(String(value)) ?? value) : value
  }
  if (typeof value !== 'string' || types.has('string')) return value
  if (types.has('boolean')) return booleans.get(value.toLowerCase().trim()) ?? value
  if (types.has('integer')) return /^\s*[-+]?\d+(_\d+)*\s*$/.test(value) ? Number(value.replaceAll('_', '')) : value
  if (types.has('number')) return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)
  return types.has('array') ? value.split(',') : value
}

/** The bits of a mode: YAML reads 0644 as the number 420. */
const isMode = (key: string, value: unknown): value is number =>
  /^(directory_)?mode$/.test(key) && Number.isInteger(value) && Number(value) >= 0

/** An entry; 1.0 is '1.0' where text is asked for. */
const asWritten = (container: object, key: string | number, node: Node): unknown => {
  const held = (container as Readonly<Record<string | number, unknown>>)[key]
  const types = typesOf(node)
  const isText = types.has('string') && !types.has('number')
  return isText && typeof held === 'number' && isWholeFloat(container, key) ? `${held}.0` : held
}

const pythonBoolean = (value: boolean): string => (value ? 'True' : 'False')

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'yes', 'on', '1', 'true', 't'].map((word): [string, boolean] => [word, true]),
  ...['n', 'no', 'off', '0', 'false', 'f'].map((word): [string, boolean] => [word, false]),
])

const typesOf = (node: Node): ReadonlySet<string> =>
  new Set([
    ...[node.type ?? []].flat(),
    ...(node.enum?.every(value => typeof value === 'string') ? ['string'] : []),
    ...(node.anyOf ?? []).flatMap(part => [...typesOf(part)]),
  ])

const itemsOf = ({items, anyOf = []}: Node): Node | undefined =>
  items ?? anyOf.map(itemsOf).find(found => found !== undefined)
