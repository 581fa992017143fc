import type {Change} from './resource.ts'

export type FileHint = {readonly path: string; readonly mode?: string; readonly owner?: string; readonly group?: string}

/** What a change leaves on the host for those that come after it. */
export type Provides = {
  /** Units that will exist, without `.service`; a packaged one is enabled unless said otherwise, and not running. */
  readonly units?: readonly (string | {readonly name: string; readonly enabled: boolean})[]
  readonly users?: readonly string[]
  readonly groups?: readonly string[]
  /** Files that will exist with content that is not ours. */
  readonly files?: readonly (string | FileHint)[]
  readonly directories?: readonly (string | FileHint)[]
  /** Commands that will be on PATH. */
  readonly commands?: readonly string[]
  /** systemd will have read its unit files again. */
  readonly daemonReloaded?: boolean
  /** What will have been changed of one thing, for later resources about the same: `changesOf`. */
  readonly made?: readonly {readonly kind: string; readonly name: string; readonly changes: readonly Change[]}[]
}

/** Everything that the changes planned so far on one host will have provided. */
export class Foresight {
  readonly units = new Map<string, {enabled: boolean}>()
  readonly users = new Set<string>()
  readonly groups = new Set<string>()
  readonly files = new Map<string, FileHint>()
  readonly directories = new Map<string, FileHint>()
  readonly commands = new Set<string>()
  daemonReloaded = false
  readonly #made = new Map<string, readonly Change[]>()

  add(provides: Provides): void {
    for (const unit of provides.units ?? []) {
      const {name, enabled} = typeof unit === 'string' ? {name: unit, enabled: true} : unit
      // A unit file written over a packaged one leaves the links that enable it.
      this.units.set(name, {enabled: enabled || (this.units.get(name)?.enabled ?? false)})
    }
    for (const user of provides.users ?? []) this.users.add(user)
    for (const group of provides.groups ?? []) this.groups.add(group)
    for (const file of provides.files ?? []) this.files.set(pathOf(file), hintOf(file))
    for (const directory of provides.directories ?? []) this.directories.set(pathOf(directory), hintOf(directory))
    for (const command of provides.commands ?? []) this.commands.add(command)
    this.daemonReloaded ||= provides.daemonReloaded ?? false
    for (const {kind, name, changes} of provides.made ?? [])
      this.#made.set(`${kind} ${name}`, [...this.changesOf(kind, name), ...changes])
  }

  /** The changes planned before of one thing, in order. */
  changesOf(kind: string, name: string): readonly Change[] {
    return this.#made.get(`${kind} ${name}`) ?? []
  }

  /** A directory that is provided, or that something provided lies in. */
  willHave(directory: string): boolean {
    const within = `${directory}/`
    return [...this.directories.keys(), ...this.files.keys()].some(
      path => path === directory || path.startsWith(within),
    )
  }
}

const pathOf = (file: string | FileHint): string => (typeof file === 'string' ? file : file.path)
const hintOf = (file: string | FileHint): FileHint => (typeof file === 'string' ? {path: file} : file)
