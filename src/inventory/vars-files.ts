import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Findings} from '../diagnostics/findings.ts'
import {startOf} from '../diagnostics/positions.ts'
import {isMapping} from '../playbook/mapping.ts'
import {displayPath} from '../playbook/paths.ts'
import type {Layer} from '../playbook/scope.ts'
import {readYaml} from '../playbook/yaml.ts'

const extensions = ['', '.yml', '.yaml', '.json']
const readable = /(?:^[^.]+|\.ya?ml|\.json)$/

/** Reads files of variables, each once. */
export class VarsFiles {
  readonly #findings: Findings
  readonly #layers = new Map<string, Layer | undefined>()
  readonly #found = new Map<string, readonly Layer[]>()

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** `<directory>/group_vars/<name>`: a file with or without ending, or a folder of files by name. */
  of(directory: string, kind: 'group_vars' | 'host_vars', name: string): readonly Layer[] {
    const base = join(directory, kind, name)
    const known = this.#found.get(base)
    if (known) return known
    const layers: Layer[] = []
    for (const extension of extensions) {
      const path = base + extension
      const stats = statSync(path, {throwIfNoEntry: false})
      if (stats?.isFile()) layers.push(...this.#list(path))
      else if (stats?.isDirectory()) layers.push(...this.#folder(path))
    }
    this.#found.set(base, layers)
    return layers
  }

  #folder(path: string): readonly Layer[] {
    return readdirSync(path, {withFileTypes: true})
      .filter(({name}) => !name.startsWith('.') && !name.endsWith('~'))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(entry => {
        const below = join(path, entry.name)
        if (entry.isDirectory()) return this.#folder(below)
        return readable.test(entry.name) ? this.#list(below) : []
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
