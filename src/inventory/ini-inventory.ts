import type {Diagnostic, Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {markEntry} from '../diagnostics/positions.ts'
import {sealScalar} from '../playbook/yaml-scalar.ts'
import {namedHosts} from './host-pattern.ts'
import {iniWords} from './ini-words.ts'
import type {Inventory, Source} from './model.ts'
import {NoCounterpart, pythonLiteral} from './python-literal.ts'
import {relate} from './relate.ts'

type Pending = {readonly at: Position; readonly parents?: {readonly name: string; readonly at: Position}[]}
type Variables = Record<string, unknown>

const lineEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/
const section = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const groupName = /^([^:\]\s]+)\s*(?:#.*)?$/
const states = ['hosts', 'children', 'vars']

/** Adds what one INI inventory file says to the inventory, line by line as Ansible reads it. */
export class IniInventory {
  readonly #inventory: Inventory
  readonly #findings: Findings
  readonly #source: Source
  /** Groups that were named before their section: only a section makes a group. */
  readonly #pending = new Map<string, Pending>()
  #group = 'ungrouped'
  #state = 'hosts'

  /** The file is encrypted: its values are secrets. */
  readonly #isSealed: boolean

  constructor(inventory: Inventory, findings: Findings, source: Source, isSealed = false) {
    this.#isSealed = isSealed
    this.#inventory = inventory
    this.#findings = findings
    this.#source = source
  }

  read(text: string): void {
    for (const [index, raw] of text.split(lineEnds).entries()) {
      const line = raw.trim()
      const column = raw.length - raw.trimStart().length + 1
      if (line === '' || /^[;#]/.test(line)) continue
      const at = {file: this.#source.shown, line: index + 1, column}
      const header = section.exec(line)
      if (header) this.#section(header[1] ?? '', header[2] ?? 'hosts', at)
      else if (line.startsWith('[') && line.endsWith(']'))
        this.#problem({
          what: `'${line}' is not a section`,
          why: 'a name in brackets holds no spaces and one colon at most',
          fix: 'write [group], [group:vars] or [group:children]',
          at,
        })
      else if (this.#state === 'hosts') this.#hosts(line, at)
      else if (this.#state === 'vars') this.#variable(line, at)
      else if (this.#state === 'children') this.#child(line, at)
    }
    for (const [name, {at, parents}] of this.#pending) this.#undeclared(name, parents?.[0]?.at ?? at, !parents)
  }

  #problem(problem: Omit<Diagnostic, 'rule'>): void {
    this.#findings.add({rule: 'inventory-form', ...problem})
  }

  #section(name: string, state: string, at: Position): void {
    const {groups} = this.#inventory
    this.#group = name
    this.#state = state
    if (!states.includes(state)) {
      const near = nearest(state, states)
      this.#problem({
        what: `the section [${name}:${state}] is of an unknown kind`,
        fix: near === undefined ? `known: ${states.join(', ')}` : `did you mean [${name}:${near}]?`,
        at,
      })
      return
    }
    if (!groups.has(name)) {
      if (state === 'vars' && !this.#pending.has(name)) this.#pending.set(name, {at})
      this.#inventory.group(name, at)
    }
    if (state !== 'vars') this.#declared(name)
  }

  #declared(name: string): void {
    const pending = this.#pending.get(name)
    if (!pending) return
    this.#pending.delete(name)
    for (const parent of pending.parents ?? []) {
      relate(this.#inventory, parent.name, name, parent.at, this.#findings)
      if (this.#pending.get(parent.name)?.parents) this.#declared(parent.name)
    }
  }

  #undeclared(name: string, at: Position, byVariables: boolean): void {
    const declared = [...this.#inventory.groups.keys()].filter(other => !this.#pending.has(other))
    const near = nearest(name, declared)
    this.#problem({
      what: byVariables
        ? `[${name}:vars] is about a group that no file declares`
        : `no file declares the group '${name}'`,
      fix: near === undefined ? `add a section [${name}]` : `did you mean '${near}'?`,
      at,
    })
  }

  #hosts(line: string, at: Position): void {
    const words = iniWords(line)
    const [first, ...rest] = words ?? []
    if (!first) {
      this.#problem({
        what: words ? 'the line names no host' : 'a quote is not closed, or a backslash ends the line',
        ...(!words && {fix: "quote a value as a whole: note='it is'"}),
        at,
      })
      return
    }
    const vars: Variables = {}
    for (const {text, offset} of rest) {
      const place = {...at, column: at.column + offset}
      const equals = text.indexOf('=')
      if (equals < 0)
        this.#problem({
          what: `'${text}' is not a variable of a host`,
          why: 'after the name of a host come variables only',
          fix: 'write key=value, in quotes where the value has spaces',
          at: place,
        })
      else this.#set(vars, text.slice(0, equals), text.slice(equals + 1), place, equals + 1)
    }
    const hosts = namedHosts(first.text)
    if ('rule' in hosts) {
      this.#findings.add({...hosts, at})
      return
    }
    if (first.text === '---')
      this.#problem({
        what: "'---' begins a YAML file, and this one is read as INI",
        fix: 'give the file the ending .yml',
        at,
      })
    for (const name of hosts.names) {
      const host = this.#inventory.host(name, at, this.#source, hosts.port)
      this.#inventory.group(this.#group).hosts.add(name)
      if (rest.length > 0) host.layers.push({name: `${this.#source.shown} (host ${name})`, vars})
    }
  }

  #variable(line: string, at: Position): void {
    const equals = line.indexOf('=')
    if (equals < 0) {
      this.#problem({what: `'${line}' is not a variable`, fix: 'write key=value', at})
      return
    }
    const vars: Variables = {}
    const value = line.slice(equals + 1).trimStart()
    this.#set(vars, line.slice(0, equals).trim(), value, at, line.length - value.length)
    const group = this.#inventory.group(this.#group)
    const name = `${this.#source.shown} (group ${this.#group})`
    if (!this.#inventory.setVariables(group, {name, vars})) this.#findings.add({...badPriority, at})
  }

  /** The value stands `offset` characters behind the name. */
  #set(vars: Variables, name: string, text: string, at: Position, offset: number): void {
    try {
      const literal = pythonLiteral(text)
      const value = this.#isSealed ? sealScalar(literal) : literal
      Object.defineProperty(vars, name, {value, enumerable: true, writable: true, configurable: true})
      markEntry(vars, name, {key: at, value: {...at, column: at.column + offset}})
    } catch (error) {
      if (!(error instanceof NoCounterpart)) throw error
      this.#problem({
        what: `the value of '${name}' is ${error.message} in Python`,
        why: 'values in INI are read as Python literals, and this one cannot be kept',
        fix: 'write it in a YAML file of variables',
        at,
      })
    }
  }

  #child(line: string, at: Position): void {
    const name = groupName.exec(line)?.[1]
    if (name === undefined) {
      this.#problem({what: `'${line}' cannot name a group`, fix: 'write one name a line', at})
      return
    }
    const parent = {name: this.#group, at}
    if (this.#inventory.groups.has(name)) relate(this.#inventory, parent.name, name, at, this.#findings)
    else {
      const pending = this.#pending.get(name)
      if (pending?.parents) pending.parents.push(parent)
      else this.#pending.set(name, {at, parents: [parent]})
    }
  }
}

export const badPriority = {
  rule: 'group-priority',
  what: 'ansible_group_priority must be a whole number',
  fix: 'write it like ansible_group_priority: 10',
} as const
