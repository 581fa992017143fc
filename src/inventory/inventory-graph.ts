import {isMapping, type Mapping} from '../playbook/mapping.ts'
import type {Inventory} from './model.ts'

/** A value as Python prints it. */
const python = (value: unknown, inner = false): string => {
  if (typeof value === 'string') return inner ? quoted(value) : value
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map(item => python(item, true)).join(', ')}]`
  if (isMapping(value))
    return `{${Object.entries(value)
      .map(([key, held]) => `${quoted(key)}: ${python(held, true)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}
const quoted = (text: string): string =>
  text.includes("'") && !text.includes('"')
    ? `"${text}"`
    : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\t', '\\t')}'`

const line = (text: string, depth: number): string => (depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`)

/** The variables of a host or of a group. */
type VarsOf = (name: string) => Mapping

/** What `ansible-inventory --graph` prints; with variables what it prints with `--vars`. */
export const inventoryGraph = (
  inventory: Inventory,
  from: string,
  chosen: ReadonlySet<string>,
  varsOf?: {readonly host: VarsOf; readonly group: VarsOf},
): readonly string[] => {
  const shown = (vars: Mapping | undefined, depth: number): readonly string[] =>
    Object.entries(vars ?? {}).map(([name, value]) => line(`{${name} = ${python(value)}}`, depth))
  const visit = (name: string, depth: number): readonly string[] => {
    const group = inventory.groups.get(name)
    const hosts = name === 'all' ? [] : [...(group?.hosts ?? [])].filter(host => chosen.has(host))
    return [
      line(`@${name}:`, depth),
      ...[...(group?.children ?? [])].flatMap(child => visit(child, depth + 1)),
      ...hosts.flatMap(host => [line(host, depth + 1), ...shown(varsOf?.host(host), depth + 2)]),
      ...shown(varsOf?.group(name), depth + 1),
    ]
  }
  return visit(from, 0)
}
