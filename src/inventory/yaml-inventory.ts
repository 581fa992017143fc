import {dirname} from 'node:path'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf, startOf} from '../diagnostics/positions.ts'
import {isMapping, type Mapping} from '../playbook/mapping.ts'
import type {Inventory} from './model.ts'
import {expandRange} from './ranges.ts'

const groupKeys = ['hosts', 'children', 'vars']
/** Adds what one YAML inventory file says to the inventory. */
export class YamlInventory {
  readonly #inventory: Inventory
  readonly #findings: Findings
  readonly #path: string
  readonly #file: string

  constructor(inventory: Inventory, findings: Findings, path: string, file: string) {
    this.#inventory = inventory
    this.#findings = findings
    this.#path = path
    this.#file = file
  }

  read(value: unknown): void {
    if (value === null) return
    if (!isMapping(value)) {
      this.#findings.add({
        rule: 'inventory-form',
        what: 'an inventory must be a mapping of groups',
        fix: "begin with 'all:' and 'hosts:' below it",
        at: startOf(value) ?? {file: this.#file, line: 1, column: 1},
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
    const parent = above.at(-1) ?? (name === 'all' ? undefined : 'all')
    if (parent !== undefined) this.#inventory.adopt(parent, name)
    if (body === null) return
    if (!isMapping(body)) {
      this.#findings.add({
        rule: 'inventory-form',
        what: `the group '${name}' must be a mapping with hosts, children or vars`,
        ...place,
      })
      return
    }
    for (const [key, held] of Object.entries(body)) {
      const spot = spotOf(body, key)
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
      this.#inventory.group(group).layers.push({name: `${this.#file} (group ${group})`, vars: held})
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
    const names = expandRange(pattern)
    if (!names || /[\s,!&]/.test(pattern)) {
      this.#findings.add({
        rule: 'host-range',
        what: `'${pattern}' cannot name hosts`,
        why: 'a range counts upwards between numbers or letters',
        fix: 'write it like gw[01:12] or rack-[a:c]',
        ...place,
      })
      return
    }
    if (vars !== null && !isMapping(vars))
      this.#findings.add({
        rule: 'inventory-form',
        what: `the host '${pattern}' must be empty or a mapping of variables`,
        ...place,
      })
    for (const name of names) {
      const host = this.#inventory.host(name, at, {directory: dirname(this.#path), file: this.#path})
      this.#inventory.group(group).hosts.add(name)
      if (isMapping(vars)) host.layers.push({name: `${this.#file} (host ${name})`, vars})
    }
  }
}
