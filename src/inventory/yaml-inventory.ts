import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {markEntry, type Spot, spotOf, startOf} from '../diagnostics/positions.ts'
import {isMapping, type Mapping} from '../playbook/mapping.ts'
import {namedHosts} from './host-pattern.ts'
import {badPriority} from './ini-inventory.ts'
import type {Inventory, Source} from './model.ts'
import {relate} from './relate.ts'

const groupKeys = ['hosts', 'children', 'vars']
/** Adds what one YAML inventory file says to the inventory. */
export class YamlInventory {
  readonly #inventory: Inventory
  readonly #findings: Findings
  readonly #source: Source

  constructor(inventory: Inventory, findings: Findings, source: Source) {
    this.#inventory = inventory
    this.#findings = findings
    this.#source = source
  }

  read(value: unknown): void {
    if (value === null) return
    if (!isMapping(value)) {
      this.#findings.add({
        rule: 'inventory-form',
        what: 'an inventory must be a mapping of groups',
        fix: "begin with 'all:' and 'hosts:' below it",
        at: startOf(value) ?? {file: this.#source.shown, line: 1, column: 1},
      })
      return
    }
    if (typeof value['plugin'] === 'string') {
      const at = spotOf(value, 'plugin')?.key
      this.#findings.add({
        rule: 'not-supported',
        what: `the inventory plugin ${value['plugin']} cannot be run`,
        why: 'inventories are YAML, INI, scripts and lists of hosts',
        fix: `keep what it gives: ansible-inventory -i ${this.#source.shown} --list --export --yaml`,
        ...(at && {at}),
      })
      return
    }
    for (const [name, body] of Object.entries(value)) this.#group(name, body, spotOf(value, name)?.key, [])
  }

  #group(name: string, body: unknown, at: Position | undefined, above: readonly string[]): void {
    const place = at ? {at} : {}
    if (above.includes(name)) {
      this.#findings.add({
        rule: 'group-cycle',
        what: `the group '${name}' is its own descendant: ${[...above.slice(above.indexOf(name)), name].join(' -> ')}`,
        fix: 'remove one of these children',
        ...place,
      })
      return
    }
    if (/[\s,:!&[\]]/.test(name))
      this.#findings.add({
        rule: 'group-name',
        what: `'${name}' cannot name a group`,
        why: 'patterns could not address it',
        fix: 'use letters, digits and _',
        ...place,
      })
    this.#inventory.group(name, at)
    this.#body(name, body, place, above)
    const parent = above.at(-1)
    if (parent !== undefined) relate(this.#inventory, parent, name, at, this.#findings)
  }

  #body(name: string, body: unknown, place: {at?: Position}, above: readonly string[]): void {
    if (body === null) return
    if (!isMapping(body)) {
      this.#findings.add({
        rule: 'inventory-form',
        what: `the group '${name}' must be a mapping with hosts, children or vars`,
        ...place,
      })
      return
    }
    for (const [key, given] of Object.entries(body)) {
      const spot = spotOf(body, key)
      const held = typeof given === 'string' && (key === 'hosts' || key === 'children') ? named(given, spot) : given
      if (!groupKeys.includes(key)) {
        const fix = suggest(key, groupKeys)
        this.#findings.add({
          rule: 'unknown-key',
          what: `the key '${key}' is unknown in the group '${name}'`,
          ...(fix && {
            fix: fix.startsWith('did')
              ? fix
              : 'a group has hosts, children, vars; put a group under children and a variable under vars',
          }),
          ...(spot && {at: spot.key}),
        })
      } else if (held !== null && !isMapping(held)) {
        this.#findings.add({
          rule: 'inventory-form',
          what: `'${key}' of the group '${name}' must be a mapping`,
          fix: key === 'vars' ? "write 'name: value'" : "write each name with a colon: 'gw1:', not '- gw1'",
          ...(spot && {at: spot.value}),
        })
      } else if (held !== null) this.#part(name, key, held, above)
    }
  }

  #part(group: string, key: string, held: Mapping, above: readonly string[]): void {
    if (key === 'vars') {
      const layer = {name: `${this.#source.shown} (group ${group})`, vars: held}
      const at = spotOf(held, 'ansible_group_priority')?.value
      if (!this.#inventory.setVariables(this.#inventory.group(group), layer))
        this.#findings.add({...badPriority, ...(at && {at})})
      return
    }
    for (const [name, body] of Object.entries(held)) {
      const at = spotOf(held, name)?.key
      if (key === 'children') this.#group(name, body, at, [...above, group])
      else this.#hosts(group, name, body, at)
    }
  }

  #hosts(group: string, pattern: string, vars: unknown, at: Position | undefined): void {
    const place = at ? {at} : {}
    const hosts = namedHosts(pattern)
    if ('rule' in hosts) {
      this.#findings.add({...hosts, ...place})
      return
    }
    if (vars !== null && !isMapping(vars))
      this.#findings.add({
        rule: 'inventory-form',
        what: `the host '${pattern}' must be empty or a mapping of variables`,
        ...place,
      })
    for (const name of hosts.names) {
      const host = this.#inventory.host(name, at, this.#source, hosts.port)
      this.#inventory.group(group).hosts.add(name)
      if (isMapping(vars)) host.layers.push({name: `${this.#source.shown} (host ${name})`, vars})
    }
  }
}

/** `hosts: gw1` is short for a mapping with one name. */
const named = (name: string, spot: Spot | undefined): Mapping => {
  const held = {[name]: null}
  if (spot) markEntry(held, name, {key: spot.value, value: spot.value})
  return held
}
