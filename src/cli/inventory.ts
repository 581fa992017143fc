import {dump} from 'js-yaml'
import {InvalidInput} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {groupOrder} from '../inventory/host-layers.ts'
import {inventoryGraph} from '../inventory/inventory-graph.ts'
import {inventoryJson, rawVariables, sorted} from '../inventory/inventory-json.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {hostOf, type InventoryView, secretsIn, viewInventory} from '../playbook/inventory-view.ts'
import type {Mapping} from '../playbook/mapping.ts'
import type {Scope} from '../playbook/scope.ts'
import {redactor} from '../reporters/redact.ts'
import {table} from './columns.ts'
import {type InventoryFlags, loadOptions} from './flags.ts'
import type {Io} from './io.ts'

export type GraphFlags = InventoryFlags & {readonly vars?: true}

const view = (flags: InventoryFlags, io: Io): InventoryView =>
  viewInventory(loadOptions(flags.playbook === undefined ? [] : [flags.playbook], flags, io))

/** Variables as they were written, with every secret masked. */
const masked = (scopes: readonly Scope[]) => {
  const redact = redactor(secretsIn(scopes))
  return (scope: Scope) => redact(sorted(rawVariables(scope.layers()))) as Mapping
}

const maskedHosts = ({scopeOf, hosts}: InventoryView) => {
  const show = masked(hosts.map(scopeOf))
  return (host: string) => show(scopeOf(host))
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 4)}\n`

/** `gatewright inventory list`: hosts with address and groups; with --json what `ansible-inventory --list` prints. */
export const list = (flags: InventoryFlags, io: Io): number => {
  const seen = view(flags, io)
  const {inventory, hosts} = seen
  const varsOf = maskedHosts(seen)
  if (flags.json) io.stdout.write(json(inventoryJson(inventory, varsOf, new Set(hosts))))
  else {
    const rows = hosts.map(host => {
      const address = varsOf(host)['ansible_host'] ?? host
      const groups = groupOrder(host, inventory).map(({name}) => name)
      return [host, typeof address === 'string' ? address : JSON.stringify(address), groups.join(', ')]
    })
    io.stdout.write(table(['HOST', 'ADDRESS', 'GROUPS'], rows, io.stdout.columns ?? 80))
  }
  return exitCodes.ok
}

/** `gatewright inventory graph [GROUP]`: groups and hosts as a tree. */
export const graph = (group: string | undefined, flags: GraphFlags, io: Io): number => {
  const seen = view(flags, io)
  const {inventory, hosts} = seen
  const from = group ?? 'all'
  if (!inventory.groups.has(from)) {
    const fix = suggest(from, inventory.groups.keys())
    throw new InvalidInput([{rule: 'unknown-group', what: `the inventory has no group '${from}'`, ...(fix && {fix})}])
  }
  const {scopeOf, scopeOfGroup} = seen
  const show = masked([...hosts.map(scopeOf), ...[...inventory.groups.keys()].map(scopeOfGroup)])
  const vars = {host: (name: string) => show(scopeOf(name)), group: (name: string) => show(scopeOfGroup(name))}
  const lines = inventoryGraph(inventory, from, new Set(hosts), flags.vars && vars)
  io.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.ok
}

/** `gatewright inventory host NAME`: the variables of one host, unevaluated. */
export const host = (name: string, flags: InventoryFlags, io: Io): number => {
  const seen = view(flags, io)
  const vars = maskedHosts(seen)(hostOf(seen, name))
  if (flags.json) io.stdout.write(json(vars))
  else io.stdout.write(dump(vars, {lineWidth: io.stdout.columns ?? 80, noRefs: true}))
  return exitCodes.ok
}
