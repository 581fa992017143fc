import {isMapping, type Mapping} from '../playbook/mapping.ts'
import type {Layer} from '../playbook/scope.ts'
import {encryptedText} from '../playbook/yaml.ts'
import {Sealed, Unsafe} from '../playbook/yaml-scalar.ts'
import {Secret} from '../shell/secret.ts'
import type {Inventory} from './model.ts'

/** Variables as they were written: the strongest of every name, unevaluated. */
export const rawVariables = (layers: readonly Layer[]): Mapping => {
  const vars: Record<string, unknown> = {}
  for (const layer of layers)
    for (const [name, value] of Object.entries(layer.vars))
      Object.defineProperty(vars, name, {value, enumerable: true, writable: true, configurable: true})
  return vars
}

/** With keys in order, as Ansible prints them: text that is never evaluated is marked, a vaulted value stays encrypted. */
export const sorted = (value: unknown): unknown => {
  if (value instanceof Secret || value instanceof Sealed) {
    const text = value instanceof Secret ? encryptedText(value) : undefined
    return text === undefined ? value.toJSON() : {__ansible_vault: text}
  }
  if (value instanceof Unsafe) return {__ansible_unsafe: value.text}
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMapping(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map(key => [key, sorted(value[key])]),
  )
}

/** What `ansible-inventory --list` prints: groups with what is directly in them, and the variables of every host. */
export const inventoryJson = (
  inventory: Inventory,
  varsOf: (host: string) => Mapping,
  chosen: ReadonlySet<string> = new Set(inventory.hosts.keys()),
): Mapping => {
  const result: Record<string, unknown> = {}
  const visit = (name: string): void => {
    const group = inventory.groups.get(name)
    if (!group || name in result) return
    const hosts = name === 'all' ? [] : [...group.hosts].filter(host => chosen.has(host))
    const children = [...group.children]
    if (hosts.length + children.length > 0)
      result[name] = {...(hosts.length && {hosts}), ...(children.length && {children})}
    for (const child of children) visit(child)
  }
  visit('all')
  const hostvars: Record<string, Mapping> = {}
  for (const host of inventory.hostsOf('all')) {
    const vars = chosen.has(host) ? varsOf(host) : {}
    if (Object.keys(vars).length > 0) hostvars[host] = vars
  }
  return sorted({...result, _meta: {hostvars}}) as Mapping
}
