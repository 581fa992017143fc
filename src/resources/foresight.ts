import {posix} from 'node:path'
import {nothing, type PathPart} from './path-state.ts'
import type {Change} from './resource.ts'

export type FileHint = {readonly path: string; readonly mode?: string; readonly owner?: string; readonly group?: string}

/** What a change makes of a path: all of it where it has a `type`, else the parts that it changes. */
export type PathPatch = Partial<PathPart>

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
  /** Nobody knows what else: what is missing now may be there then. */
  readonly anything?: boolean
  /** What will have been changed of one thing, for later resources about the same: `changesOf`. */
  readonly made?: readonly {readonly kind: string; readonly name: string; readonly changes: readonly Change[]}[]
  /** By real path, in the order in which they are made. */
  readonly paths?: ReadonlyMap<string, PathPatch>
}

/** What only the changes planned before can tell, once they are made. */
export class Unforeseen {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** Everything that the changes planned so far on one host will have provided. */
export class Foresight {
  readonly units = new Map<string, {enabled: boolean}>()
  readonly users = new Set<string>()
  readonly groups = new Set<string>()
  /** Files and directories that will be there unless something of their name is already. */
  readonly files = new Map<string, FileHint>()
  readonly directories = new Map<string, FileHint>()
  readonly commands = new Set<string>()
  daemonReloaded = false
  /** Something before may bring what nothing declares: an obstacle is not certain. */
  isOpen = false
  /** Something is changed before. */
  hasChanges = false
  readonly #made = new Map<string, readonly Change[]>()
  readonly #paths = new Map<string, PathPatch>()
  /** Paths below which nothing of what the probes saw will be left. */
  readonly #razed = new Set<string>()
  /** Paths that were changed since it was branched off. */
  readonly added = new Set<string>()

  /** Sees the same, and can be added to by itself. */
  branch(): Foresight {
    const branch = new Foresight()
    for (const set of ['users', 'groups', 'commands'] as const) for (const name of this[set]) branch[set].add(name)
    for (const [name, unit] of this.units) branch.units.set(name, unit)
    for (const map of ['files', 'directories'] as const)
      for (const [path, hint] of this[map]) branch[map].set(path, hint)
    for (const [path, patch] of this.#paths) branch.#paths.set(path, patch)
    for (const path of this.#razed) branch.#razed.add(path)
    return branch
  }

  add(provides: Provides): void {
    this.hasChanges = true
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
    for (const [path, patch] of provides.paths ?? []) this.#change(path, patch)
    this.daemonReloaded ||= provides.daemonReloaded ?? false
    this.isOpen ||= provides.anything ?? false
    for (const {kind, name, changes} of provides.made ?? [])
      this.#made.set(`${kind} ${name}`, [...this.changesOf(kind, name), ...changes])
  }

  /** The changes planned before of one thing, in order. */
  changesOf(kind: string, name: string): readonly Change[] {
    return this.#made.get(`${kind} ${name}`) ?? []
  }

  /** What is different at a real path from what its probe saw. */
  at(path: string): PathPatch | undefined {
    return this.#paths.get(path) ?? (this.#isGone(path) ? nothing : undefined)
  }

  /** What changes below a real path, by path. */
  below(directory: string): readonly (readonly [string, PathPatch])[] {
    return [...this.#paths].filter(([path]) => path.startsWith(`${directory}/`))
  }

  /** Whether something will be at a path; undefined: what its probe saw decides. */
  willExist(path: string): boolean | undefined {
    const type = this.at(path)?.type
    if (type !== undefined && type !== 'absent') return true
    if (this.files.has(path) || this.directories.has(path)) return true
    return type === undefined ? undefined : false
  }

  /** A directory that is provided, or that something provided lies in; false: it will be gone. */
  willHave(directory: string): boolean | undefined {
    const type = this.at(directory)?.type
    if (type !== undefined && type !== 'absent') return type === 'directory'
    const within = `${directory}/`
    const hinted = [...this.directories.keys(), ...this.files.keys()].some(
      path => path === directory || path.startsWith(within),
    )
    return hinted || (type === undefined ? undefined : false)
  }

  #change(path: string, patch: PathPatch): void {
    this.added.add(path)
    if (patch.type === undefined) {
      this.#paths.set(path, {...this.at(path), ...patch})
      return
    }
    const within = `${path}/`
    for (const known of [this.#paths, this.files, this.directories])
      for (const other of known.keys()) if (other === path || other.startsWith(within)) known.delete(other)
    // What is made anew, a directory too, has nothing in it that a probe saw.
    this.#razed.add(path)
    this.#paths.set(path, patch)
  }

  #isGone(path: string): boolean {
    for (let above = posix.dirname(path); above !== '/' && above !== '.'; above = posix.dirname(above))
      if (this.#razed.has(above)) return true
    return false
  }
}

const pathOf = (file: string | FileHint): string => (typeof file === 'string' ? file : file.path)
const hintOf = (file: string | FileHint): FileHint => (typeof file === 'string' ? {path: file} : file)
