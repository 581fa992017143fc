import type {Layer} from '../playbook/scope.ts'
import type {Inventory, InventoryGroup} from './model.ts'
import type {VarsFiles} from './vars-files.ts'

const priority = (group: InventoryGroup): number => {
  const value = group.layers.findLast(({vars}) => Object.hasOwn(vars, 'ansible_group_priority'))?.vars[
    'ansible_group_priority'
  ]
  return typeof value === 'number' ? value : 1
}

/** Groups from the weakest to the strongest: depth, then ansible_group_priority, then name. */
export const groupOrder = (host: string, inventory: Inventory): readonly InventoryGroup[] =>
  inventory
    .groupsOf(host)
    .flatMap(name => inventory.groups.get(name) ?? [])
    .map(group => ({group, depth: inventory.depth(group.name), priority: priority(group)}))
    .toSorted((a, b) => a.depth - b.depth || a.priority - b.priority || (a.group.name < b.group.name ? -1 : 1))
    .map(({group}) => group)

/** Inventory variables of a host from the weakest to the strongest, in Ansible's order. */
export const hostLayers = (
  host: string,
  inventory: Inventory,
  files: VarsFiles,
  directories: {readonly inventories: readonly string[]; readonly playbook: string},
): readonly Layer[] => {
  const groups = groupOrder(host, inventory)
  const inventories = (kind: 'group_vars' | 'host_vars', name: string): readonly Layer[] =>
    directories.inventories.flatMap(directory => files.of(directory, kind, name))
  const playbook = (kind: 'group_vars' | 'host_vars', name: string): readonly Layer[] =>
    directories.inventories.includes(directories.playbook) ? [] : files.of(directories.playbook, kind, name)
  return [
    ...(inventory.groups.get('all')?.layers ?? []),
    ...groups.flatMap(group => group.layers),
    ...inventories('group_vars', 'all'),
    ...playbook('group_vars', 'all'),
    ...groups.flatMap(group => inventories('group_vars', group.name)),
    ...groups.flatMap(group => playbook('group_vars', group.name)),
    ...(inventory.hosts.get(host)?.layers ?? []),
    ...inventories('host_vars', host),
    ...playbook('host_vars', host),
  ]
}
