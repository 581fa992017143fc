import type {Layer} from '../playbook/scope.ts'
import type {Inventory, InventoryGroup} from './model.ts'
import type {VarsFiles} from './vars-files.ts'

/** Groups from the weakest to the strongest: depth, then ansible_group_priority, then name. */
export const groupOrder = (host: string, inventory: Inventory): readonly InventoryGroup[] =>
  inventory
    .groupsOf(host)
    .flatMap(name => inventory.groups.get(name) ?? [])
    .map(group => ({group, depth: inventory.depth(group.name)}))
    .toSorted(
      (a, b) => a.depth - b.depth || a.group.priority - b.group.priority || (a.group.name < b.group.name ? -1 : 1),
    )
    .map(({group}) => group)

/** Where files of variables are looked for: beside inventories, each in its turn, and beside the playbook. */
export type VarsDirectories = {readonly inventories: readonly string[]; readonly playbook: string | undefined}

/** What gives variables to a group itself, without those above it. */
export const groupLayers = (
  name: string,
  inventory: Inventory,
  files: VarsFiles,
  {inventories, playbook}: VarsDirectories,
): readonly Layer[] => {
  const {layers = [], priority = 1} = inventory.groups.get(name) ?? {}
  const directories = [...inventories, ...(playbook === undefined ? [] : [playbook])]
  return [
    ...layers,
    ...directories.flatMap(directory => files.of(directory, 'group_vars', name)),
    ...(priority === 1 ? [] : [{name: `priority of ${name}`, vars: {ansible_group_priority: priority}}]),
  ]
}

/** Inventory variables of a host from the weakest to the strongest, in Ansible's order. */
export const hostLayers = (
  host: string,
  inventory: Inventory,
  files: VarsFiles,
  {inventories, playbook}: VarsDirectories,
): readonly Layer[] => {
  const groups = groupOrder(host, inventory)
  const names = groups.map(({name}) => name)
  const find = (directories: readonly string[], kind: 'group_vars' | 'host_vars', wanted: readonly string[]) =>
    directories.flatMap(directory => wanted.flatMap(name => files.of(directory, kind, name)))
  const beside = playbook === undefined ? [] : [playbook]
  const layers = [
    ...(inventory.groups.get('all')?.layers ?? []),
    ...groups.flatMap(group => group.layers),
    ...find(inventories, 'group_vars', ['all']),
    ...find(beside, 'group_vars', ['all']),
    ...find(inventories, 'group_vars', names),
    ...find(beside, 'group_vars', names),
    ...(inventory.hosts.get(host)?.layers ?? []),
    ...find(inventories, 'host_vars', [host]),
    ...find(beside, 'host_vars', [host]),
  ]
  // The same file beside inventory and playbook counts where it is strongest.
  return layers.filter((layer, index) => layers.lastIndexOf(layer) === index)
}
