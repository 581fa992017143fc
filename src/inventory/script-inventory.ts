import {spawnSync} from 'node:child_process'
import type {Diagnostic} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {markEntry} from '../diagnostics/positions.ts'
import {isMapping, type Mapping} from '../playbook/mapping.ts'
import {badPriority} from './ini-inventory.ts'
import type {Inventory, Source} from './model.ts'
import {relate} from './relate.ts'

const timeoutSeconds = 60
const shownLines = 5

/** Runs an inventory script and adds what it prints to the inventory. */
export class ScriptInventory {
  readonly #inventory: Inventory
  readonly #findings: Findings
  readonly #source: Source

  constructor(inventory: Inventory, findings: Findings, source: Source) {
    this.#inventory = inventory
    this.#findings = findings
    this.#source = source
  }

  read(): void {
    const answer = this.#run('--list')
    if (!answer) return
    const named = new Set<string>()
    for (const [name, data] of Object.entries(answer)) if (name !== '_meta') this.#group(name, data, named)
    const meta = answer['_meta']
    const hostvars = isMapping(meta) ? meta['hostvars'] : undefined
    for (const name of named) {
      const vars = hostvars === undefined ? this.#run('--host', name) : isMapping(hostvars) ? hostvars[name] : undefined
      if (isMapping(vars))
        this.#inventory.hosts
          .get(name)
          ?.layers.push({name: `${this.#source.shown} (host ${name})`, vars: this.#marked(vars)})
    }
  }

  get #at() {
    return {file: this.#source.shown, line: 0, column: 0}
  }

  #problem(problem: Omit<Diagnostic, 'rule' | 'at'>): void {
    this.#findings.add({rule: 'inventory-script', ...problem, at: this.#at})
  }

  #marked(vars: Mapping): Mapping {
    for (const name of Object.keys(vars)) markEntry(vars, name, {key: this.#at, value: this.#at})
    return vars
  }

  #run(...args: readonly string[]): Mapping | undefined {
    const {error, status, signal, stdout, stderr} = spawnSync(this.#source.path, args, {
      encoding: 'utf8',
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = (stderr ?? '').trim().split('\n').slice(-shownLines).join(' / ')
    const what = `the inventory script ${[this.#source.shown, ...args].join(' ')}`
    const why = said === '' ? {} : {why: `it said: ${said}`}
    const {code} = (error ?? {}) as NodeJS.ErrnoException
    if (code === 'ETIMEDOUT')
      this.#problem({what: `${what} was still running after ${timeoutSeconds} seconds`, ...why, fix: 'run it by hand'})
    else if (code === 'EACCES')
      this.#problem({what: `${what} is not executable`, fix: `chmod +x ${this.#source.shown}`})
    else if (error) this.#problem({what: `${what} cannot be run`, why: error.message, fix: 'check its first line (#!)'})
    else if (status !== 0)
      this.#problem({what: `${what} ended with ${signal ?? `exit code ${status}`}`, ...why, fix: 'run it by hand'})
    else return this.#parse(stdout, args, what)
    return undefined
  }

  #parse(text: string, args: readonly string[], what: string): Mapping | undefined {
    if (args[0] === '--host' && text.trim() === '') return {}
    const value = parsed(text)
    if (isMapping(value)) return value
    this.#problem({
      what: `${what} printed no JSON object`,
      fix: 'print JSON and nothing else: groups by name, and _meta with hostvars',
    })
    return undefined
  }

  #group(name: string, data: unknown, named: Set<string>): void {
    const group = this.#inventory.group(name)
    const isGroup = isMapping(data) && ['hosts', 'vars', 'children'].some(key => Object.hasOwn(data, key))
    const parts: Mapping = isGroup ? data : {hosts: data}
    const {hosts = [], vars = {}, children = []} = parts
    if (!isNames(hosts) || !isMapping(vars) || !isNames(children)) {
      this.#problem({
        what: `the group '${name}' of the inventory script is of another form`,
        fix: 'print hosts and children as lists of names, and vars as an object',
      })
      return
    }
    for (const host of hosts) {
      named.add(host)
      this.#inventory.host(host, this.#at, this.#source)
      group.hosts.add(host)
    }
    const layer = {name: `${this.#source.shown} (group ${name})`, vars: this.#marked(vars)}
    if (!this.#inventory.setVariables(group, layer)) this.#findings.add({...badPriority, at: this.#at})
    for (const child of children) {
      this.#inventory.group(child)
      relate(this.#inventory, name, child, this.#at, this.#findings)
    }
  }
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string')

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
