import type {Position} from '../diagnostic.ts'
import {copyMarks, markEntry} from '../diagnostics/positions.ts'
import type {Layer} from '../playbook/scope.ts'

export type InventoryGroup = {
  readonly name: string
  readonly at: Position | undefined
  readonly children: Set<string>
  readonly parents: Set<string>
  /** Those named in the group itself, without those of its children. */
  readonly hosts: Set<string>
  /** Variables of inventory files, in the order in which they were read. */
  readonly layers: Layer[]
  /** `ansible_group_priority`: among groups of one depth the higher wins. */
  priority: number
}

export type InventoryHost = {
  readonly name: string
  readonly at: Position | undefined
  readonly layers: Layer[]
  /** Directory and file in which the host was first named; a list of hosts on the command line has no directory. */
  readonly directory: string | undefined
  readonly file: string
}

/** The file that names a host: `shown` as the user would type it. */
export type Source = {readonly path: string; readonly directory: string | undefined; readonly shown: string}

const priorityName = 'ansible_group_priority'

/** Hosts and groups in the order in which the files name them, related as in Ansible. */
export class Inventory {
  readonly hosts = new Map<string, InventoryHost>()
  readonly groups = new Map<string, InventoryGroup>()
  readonly #members = new Map<string, readonly string[]>()
  readonly #depths = new Map<string, number>()
  #memberships: Map<string, string[]> | undefined

  constructor() {
    this.group('all')
    this.group('ungrouped')
    this.adopt('all', 'ungrouped')
  }

  group(name: string, at?: Position): InventoryGroup {
    const known = this.groups.get(name)
    if (known) return known
    const group: InventoryGroup = {
      name,
      at,
      children: new Set(),
      parents: new Set(),
      hosts: new Set(),
      layers: [],
      priority: 1,
    }
    this.groups.set(name, group)
    return group
  }

  /** `gw1:2222` gives a port to a host that is new. */
  host(name: string, at: Position | undefined, source: Source, port?: number): InventoryHost {
    const known = this.hosts.get(name)
    if (known) return known
    const layers: Layer[] = []
    if (port) {
      const vars = {ansible_port: port}
      if (at) markEntry(vars, 'ansible_port', {key: at, value: at})
      layers.push({name: `${source.shown} (host ${name})`, vars})
    }
    const host = {name, at, layers, directory: source.directory, file: source.path}
    this.hosts.set(name, host)
    return host
  }

  /** Variables that a file gives to a group. False when the priority among them is no whole number. */
  setVariables(group: InventoryGroup, {name, vars}: Layer): boolean {
    if (!Object.hasOwn(vars, priorityName)) {
      group.layers.push({name, vars})
      return true
    }
    const {[priorityName]: priority, ...others} = vars
    group.layers.push({name, vars: copyMarks(vars, others)})
    if (!/^[-+]?\d+$/.test(String(priority))) return false
    group.priority = Number(priority)
    return true
  }

  /** Makes a group the child of another. Changes nothing and returns the circle when that would close one. */
  adopt(parent: string, child: string): readonly string[] | undefined {
    const circle = this.#path(child, parent)
    if (circle) return [...circle, child]
    this.group(parent).children.add(child)
    this.group(child).parents.add(parent)
    return undefined
  }

  #path(from: string, to: string): readonly string[] | undefined {
    if (from === to) return [from]
    for (const child of this.groups.get(from)?.children ?? []) {
      const path = this.#path(child, to)
      if (path) return [from, ...path]
    }
    return undefined
  }

  /** When all files have been read: a group without parents is below `all`, a host without a group in `ungrouped`. */
  finish(): void {
    for (const {name, parents} of this.groups.values())
      if (name !== 'all' && parents.size === 0) this.adopt('all', name)
    const grouped = new Set(
      [...this.groups.values()]
        .filter(({name}) => name !== 'all' && name !== 'ungrouped')
        .flatMap(({hosts}) => [...hosts]),
    )
    const {hosts} = this.group('ungrouped')
    for (const host of this.hosts.keys())
      if (grouped.has(host)) hosts.delete(host)
      else hosts.add(host)
  }

  /** Every host of a group: its own, then those of its children, then of theirs. */
  hostsOf(name: string): readonly string[] {
    const known = this.#members.get(name)
    if (known) return known
    const groups = new Set([name])
    // A set that grows while it is walked: breadth first.
    for (const group of groups) for (const child of this.groups.get(group)?.children ?? []) groups.add(child)
    const hosts = [...new Set([...groups].flatMap(group => [...(this.groups.get(group)?.hosts ?? [])]))]
    this.#members.set(name, hosts)
    return hosts
  }

  /** Every group that a host is in, without `all`, by name. */
  groupsOf(host: string): readonly string[] {
    if (!this.#memberships) {
      this.#memberships = new Map([...this.hosts.keys()].map(name => [name, []]))
      for (const group of [...this.groups.keys()].filter(name => name !== 'all').toSorted())
        for (const member of this.hostsOf(group)) this.#memberships.get(member)?.push(group)
    }
    return this.#memberships.get(host) ?? []
  }

  /** How far a group is below `all` at most. */
  depth(name: string): number {
    const known = this.#depths.get(name)
    if (known !== undefined) return known
    const parents = [...(this.groups.get(name)?.parents ?? [])]
    const depth = name === 'all' ? 0 : 1 + Math.max(0, ...parents.map(parent => this.depth(parent)))
    this.#depths.set(name, depth)
    return depth
  }
}
