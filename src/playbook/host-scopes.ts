import {statSync} from 'node:fs'
import {dirname} from 'node:path'
import type {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {isFactName} from '../inventory/connection-names.ts'
import {groupLayers, hostLayers} from '../inventory/host-layers.ts'
import type {Inventory} from '../inventory/model.ts'
import {isHostList} from '../inventory/read-inventory.ts'
import {VarsFiles} from '../inventory/vars-files.ts'
import type {Keyring} from '../vault/keyring.ts'
import {EvaluationError, NeedsFacts} from './evaluation-error.ts'
import type {Reference} from './expression-names.ts'
import {groupsSpecial} from './groups-special.ts'
import type {Known} from './model.ts'
import {expandPath} from './paths.ts'
import {type Layer, Scope, type Special} from './scope.ts'

/** Marks a parameter to leave out: `{{ x | default(omit) }}`. */
export const omit = '__gatewright_omit__'

const directoryOf = (path: string): string =>
  statSync(path, {throwIfNoEntry: false})?.isDirectory() ? path : dirname(path)

/** The variables of every host, before any play adds its own. */
export class HostScopes {
  readonly inventory: Inventory
  readonly files: VarsFiles
  readonly extra: readonly Layer[]
  readonly #directories: readonly string[]
  readonly #keys: Keyring
  readonly #scopes = new Map<string, Scope>()
  readonly #everything = new Map<string, Readonly<Record<string, unknown>>>()

  constructor(inventory: Inventory, inventories: readonly string[], extra: readonly Layer[], findings: Findings) {
    this.inventory = inventory
    this.extra = extra
    this.files = new VarsFiles(findings)
    this.#keys = findings.keys
    const directories = inventories.filter(given => !isHostList(given)).map(path => directoryOf(expandPath(path)))
    // A directory that is named twice counts where it is strongest.
    this.#directories = directories.filter((path, index) => directories.lastIndexOf(path) === index)
  }

  /** Scope of a host for playbooks in `playbook`, a directory; without one, beside the inventory only. */
  of(host: string, playbook: string | undefined): Scope {
    const key = `${playbook}\0${host}`
    const known = this.#scopes.get(key)
    if (known) return known
    const layers = hostLayers(host, this.inventory, this.files, {inventories: this.#directories, playbook})
    const scope = new Scope(
      [...layers, ...this.extra],
      this.#specials(host, playbook),
      undefined,
      undefined,
      this.#keys,
    )
    this.#scopes.set(key, scope)
    return scope
  }

  /** What gives variables to a group itself. */
  ofGroup(name: string, playbook: string | undefined): Scope {
    const layers = groupLayers(name, this.inventory, this.files, {inventories: this.#directories, playbook})
    return new Scope(layers, new Map())
  }

  /** Every variable of a host that can be evaluated without facts. */
  everything(host: string, playbook: string | undefined): Readonly<Record<string, unknown>> {
    const key = `${playbook}\0${host}`
    const known = this.#everything.get(key)
    if (known) return known
    const values: Record<string, unknown> = {}
    this.#everything.set(key, values)
    const scope = this.of(host, playbook)
    for (const name of scope.names()) {
      try {
        values[name] = scope.lookup(name)
      } catch (error) {
        if (!(error instanceof EvaluationError || error instanceof NeedsFacts)) throw error
      }
    }
    return Object.assign(values, this.#identity(host))
  }

  #identity(host: string): Record<string, unknown> {
    return {
      inventory_hostname: host,
      inventory_hostname_short: host.split('.')[0],
      group_names: this.inventory.groupsOf(host),
    }
  }

  #specials(host: string, playbook: string | undefined): ReadonlyMap<string, Special> {
    const {inventory} = this
    const {directory, file} = inventory.hosts.get(host) ?? {directory: undefined, file: undefined}
    return new Map<string, Special>([
      ...Object.entries(this.#identity(host)).map(([name, value]) => [name, () => value] as const),
      ['groups', groupsSpecial(inventory)],
      ['inventory_dir', () => directory],
      ['inventory_file', () => file],
      ['playbook_dir', () => playbook],
      ['omit', () => omit],
      ['hostvars', (reference, known) => this.#hostvars(reference, playbook, known)],
    ])
  }

  #hostvars(
    {parts: [host, name], guarded}: Reference,
    playbook: string | undefined,
    known: Known | undefined,
  ): unknown {
    if (typeof host !== 'string')
      return Object.fromEntries(
        [...this.inventory.hosts.keys()].map(other => [other, this.everything(other, playbook)]),
      )
    if (!this.inventory.hosts.has(host)) {
      const near = nearest(host, this.inventory.hosts.keys())
      throw new EvaluationError({
        rule: 'undefined-variable',
        what: `hostvars has no host '${host}'`,
        ...(near !== undefined && {fix: `did you mean '${near}'?`}),
      })
    }
    if (typeof name !== 'string') return {[host]: this.everything(host, playbook)}
    const own = this.#identity(host)
    if (Object.hasOwn(own, name)) return {[host]: own}
    const scope = this.of(host, playbook)
    if (scope.definition(name)) return {[host]: {[name]: scope.lookup(name)}}
    if (isFactName(name)) {
      if (!known) throw new NeedsFacts([name])
      const facts = known.factsOf?.(host)
      if (facts) return {[host]: {[name]: new Scope([], new Map(), {facts, registered: new Map()}).evaluate(name)}}
    }
    if (guarded) return {[host]: {}}
    const near = nearest(name, scope.names())
    throw new EvaluationError({
      rule: 'undefined-variable',
      what: `${host} has no variable '${name}'`,
      fix: near === undefined ? 'define it in group_vars or host_vars' : `did you mean '${near}'?`,
    })
  }
}
