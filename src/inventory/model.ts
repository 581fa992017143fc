import type {Position} from '../diagnostic.ts'
import type {Layer} from '../playbook/scope.ts'

export type InventoryGroup = {
  readonly name: string
  readonly at: Position | undefined
  readonly children: Set<string>
  readonly parents: Set<string>
  readonly hosts: Set<string>
  /** Variables of inventory files, in the order in which they were read. */
  readonly layers: Layer[]
}

export type InventoryHost = {
  readonly name: string
  readonly at: Position | undefined
  readonly layers: Layer[]
  /** Directory and file in which the host was first named. */
  readonly directory: string
  readonly file: string
}

/** Hosts and groups in the order in which the files name them. */
export class Inventory {
  readonly hosts = new Map<string, InventoryHost>()
  readonly groups = new Map<string, InventoryGroup>()
  readonly #members = new Map<string, readonly string[]>()
  #memberships: Map<string, readonly string[]> | undefined

  constructor() {
    this.group('all')
    this.group('ungrouped')
  }

  group(name: string, at?: Position): InventoryGroup {
    const known = this.groups.get(name)
    if (known) return known
    const group = {
      name,
      at,
      children: new Set<string>(),
      parents: new Set<string>(),
      hosts: new Set<string>(),
      layers: [],
    }
    this.groups.set(name, group)
    return group
  }

  host(name: string, at: Position | undefined, file: {directory: string; file: string}): InventoryHost {
    const known = this.hosts.get(name)
    if (known) return known
    const host = {name, at, layers: [], ...file}
    this.hosts.set(name, host)
    return host
  }

  adopt(parent: string, child: string): void {
    this.group(parent).children.add(child)
    this.group(child).parents.add(parent)
  }

  /** Every host of a group and of its children, in inventory order. Ask only when all files have been read. */
  hostsOf(name: string): readonly string[] {
    const known = this.#members.get(name)
    if (known) return known
    const found = new Set<string>()
    const seen = new Set<string>()
    const visit = (group: string): void => {
      if (seen.has(group)) return
      seen.add(group)
      const {hosts, children} = this.groups.get(group) ?? {hosts: [], children: []}
      for (const host of hosts) found.add(host)
      for (const child of children) visit(child)
    }
    visit(name)
    const hosts = [...this.hosts.keys()].filter(host => name === 'all' || found.has(host))
    this.#members.set(name, hosts)
    return hosts
  }

  /** Every group that a host is in, without `all`, by name. Ask only when all files have been read. */
  groupsOf(host: string): readonly string[] {
    if (!this.#memberships) {
      this.#memberships = new Map()
      for (const group of [...this.groups.keys()].filter(name => name !== 'all').toSorted())
        for (const member of this.hostsOf(group))
          this.#memberships.set(member, [...(this.#memberships.get(member) ?? []), group])
    }
    return this.#memberships.get(host) ?? []
  }

  /** How far a group is below `all` at most. */
  depth(name: string, seen: ReadonlySet<string> = new Set()): number {
    if (name === 'all' || seen.has(name)) return 0
    const parents = [...(this.groups.get(name)?.parents ?? [])]
    return 1 + Math.max(0, ...parents.map(parent => this.depth(parent, new Set([...seen, name]))))
  }
}
