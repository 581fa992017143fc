import {readdirSync, statSync} from 'node:fs'
import {extname, join} from 'node:path'
import type {Findings} from '../diagnostics/findings.ts'
import {startOf} from '../diagnostics/positions.ts'
import {isMapping} from '../playbook/mapping.ts'
import {displayPath} from '../playbook/paths.ts'
import type {Layer} from '../playbook/scope.ts'
import {readYaml} from '../playbook/yaml.ts'

const extensions = ['', '.yml', '.yaml', '.json']

/** Reads files of variables, each once. */
export class VarsFiles {
  readonly #findings: Findings
  readonly #layers = new Map<string, Layer | undefined>()
  readonly #found = new Map<string, readonly Layer[]>()
  readonly #names = new Map<string, ReadonlySet<string>>()

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** `<directory>/group_vars/<name>`: a folder of files by name, or a file; the first of the endings that exists. */
  of(directory: string, kind: 'group_vars' | 'host_vars', name: string): readonly Layer[] {
    const base = join(directory, kind, name)
    const known = this.#found.get(base)
    if (known) return known
    const layers = name.startsWith('/') ? [] : this.#find(join(directory, kind), name)
    this.#found.set(base, layers)
    return layers
  }

  #find(folder: string, name: string): readonly Layer[] {
    const found = extensions.find(extension => this.#namesIn(folder).has(name + extension))
    if (found === undefined) return []
    const path = join(folder, name + found)
    const stats = statSync(path, {throwIfNoEntry: false})
    return stats?.isDirectory() ? this.#folder(path) : stats?.isFile() ? this.#list(path) : []
  }

  /** Thousands of hosts ask for files of which most do not exist. */
  #namesIn(folder: string): ReadonlySet<string> {
    const known = this.#names.get(folder)
    if (known) return known
    const isFolder = statSync(folder, {throwIfNoEntry: false})?.isDirectory() ?? false
    const names = new Set(isFolder ? readdirSync(folder) : [])
    this.#names.set(folder, names)
    return names
  }

  #folder(path: string): readonly Layer[] {
    return readdirSync(path)
      .filter(name => !name.startsWith('.') && !name.endsWith('~'))
      .toSorted()
      .flatMap(name => {
        const below = join(path, name)
        const stats = statSync(below, {throwIfNoEntry: false})
        if (stats?.isDirectory()) return extname(name) === '' ? this.#folder(below) : []
        return stats?.isFile() && extensions.includes(extname(name)) ? this.#list(below) : []
      })
  }

  #list(path: string): readonly Layer[] {
    const layer = this.read(path)
    return layer ? [layer] : []
  }

  /** One file of variables; a problem when it is no mapping. */
  read(path: string, at?: {file: string; line: number; column: number}): Layer | undefined {
    if (this.#layers.has(path)) return this.#layers.get(path)
    const name = displayPath(path)
    const value = readYaml(path, this.#findings, at)
    if (!isMapping(value) && value !== null && value !== undefined)
      this.#findings.add({
        rule: 'vars-form',
        what: 'a file of variables must be a mapping',
        fix: "write 'name: value' lines",
        at: startOf(value) ?? {file: name, line: 1, column: 1},
      })
    const layer = isMapping(value) ? {name, vars: value} : undefined
    this.#layers.set(path, layer)
    return layer
  }
}
