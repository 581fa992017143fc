import '../resolve.ts'
import {existsSync, readdirSync} from 'node:fs'
import {basename, extname, join, resolve} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import type {Role, TaskFunction} from '../role.ts'
import {displayPath} from './paths.ts'
import {compile} from './validate.ts'

export type FoundRole = {readonly role: Role; readonly directory: string}

const packageRoles = resolve(import.meta.dirname, '../../roles')
const endings = ['.ts', '.js', '.mjs']

const moduleAt = (base: string): string | undefined =>
  endings.map(ending => base + ending).find(path => existsSync(path))
const failure = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split('\n')[0] ?? ''

/** Finds and imports roles and their tasks; every problem is said once, at the first place that needs the role. */
export class Roles {
  readonly #project: string
  readonly #findings: Findings
  readonly #loaded = new Map<string, Promise<FoundRole | undefined>>()

  constructor(project: string, findings: Findings) {
    this.#project = project
    this.#findings = findings
  }

  #places(playbook: string): readonly string[] {
    return [...new Set([join(playbook, 'roles'), join(this.#project, 'roles'), packageRoles])]
  }

  /** Names of all roles that a playbook in this directory could use. */
  names(playbook: string): readonly string[] {
    const folders = this.#places(playbook).filter(place => existsSync(place))
    return [
      ...new Set(folders.flatMap(place => readdirSync(place).filter(name => moduleAt(join(place, name, 'role'))))),
    ]
  }

  async load(name: string, playbook: string, at: Position | undefined): Promise<FoundRole | undefined> {
    const place = at ? {at} : {}
    const folders = this.#places(playbook).map(folder => join(folder, name))
    const directory = folders.find(folder => moduleAt(join(folder, 'role')))
    if (directory === undefined) {
      const existing = folders.find(folder => existsSync(folder))
      const fix =
        existing === undefined ? suggest(name, this.names(playbook)) : `write ${displayPath(existing)}/role.ts`
      this.#findings.add({
        rule: 'unknown-role',
        what: `the role '${name}' does not exist`,
        why:
          existing === undefined
            ? `it is in none of ${this.#places(playbook).map(displayPath).join(', ')}`
            : `${displayPath(existing)} has no role.ts`,
        ...(fix && {fix}),
        ...place,
      })
      return undefined
    }
    const known = this.#loaded.get(directory) ?? this.#import(name, directory, at)
    this.#loaded.set(directory, known)
    return known
  }

  async #import(name: string, directory: string, at: Position | undefined): Promise<FoundRole | undefined> {
    const path = moduleAt(join(directory, 'role')) ?? ''
    const place = at ? {at} : {}
    const broken = (what: string, fix: string, why?: string): undefined => {
      this.#findings.add({rule: 'broken-role', what, ...(why !== undefined && {why}), fix, ...place})
      return undefined
    }
    let role: Role | undefined
    try {
      role = ((await import(pathToFileURL(path).href)) as {default?: Role}).default
    } catch (error) {
      return broken(`${displayPath(path)} cannot be loaded`, 'correct the role', failure(error))
    }
    if (typeof role?.resources !== 'function' || typeof role.name !== 'string')
      return broken(`${displayPath(path)} has no role as its default export`, 'write: export default defineRole({…})')
    if (role.name !== name)
      return broken(
        `the role in ${displayPath(directory)} calls itself '${role.name}'`,
        `write name: '${name}' in ${displayPath(path)}`,
      )
    try {
      compile(role.schema as object)
    } catch (error) {
      return broken(
        `the schema of the role '${name}' is wrong`,
        `correct it in ${displayPath(directory)}`,
        failure(error),
      )
    }
    return {role, directory}
  }

  /** The functions of `roles/<name>/tasks/<task>.ts`. */
  async task(
    found: FoundRole,
    task: string,
    at: Position | undefined,
  ): Promise<{run: TaskFunction; plan?: TaskFunction; heal?: TaskFunction} | undefined> {
    const folder = join(found.directory, 'tasks')
    const path = moduleAt(join(folder, task))
    const place = at ? {at} : {}
    if (path === undefined) {
      const tasks = existsSync(folder)
        ? readdirSync(folder)
            .filter(file => endings.includes(extname(file)) && !file.includes('.test.'))
            .map(file => basename(file, extname(file)))
        : []
      const fix = suggest(task, tasks)
      this.#findings.add({
        rule: 'unknown-task',
        what: `the role '${found.role.name}' has no task '${task}'`,
        fix: fix ?? 'it has no tasks',
        ...place,
      })
      return undefined
    }
    try {
      const {
        default: run,
        plan,
        heal,
      } = (await import(pathToFileURL(path).href)) as {
        default?: TaskFunction
        plan?: TaskFunction
        heal?: TaskFunction
      }
      if (typeof run === 'function') return {run, ...(plan && {plan}), ...(heal && {heal})}
      this.#findings.add({
        rule: 'broken-role',
        what: `${displayPath(path)} has no function as its default export`,
        fix: 'write: export default async ({$, …}) => ({changed: …})',
        ...place,
      })
    } catch (error) {
      this.#findings.add({
        rule: 'broken-role',
        what: `${displayPath(path)} cannot be loaded`,
        why: failure(error),
        fix: 'correct the task',
        ...place,
      })
    }
    return undefined
  }
}
