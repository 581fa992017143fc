import type {Scope} from './scope.ts'

type Names = {
  readonly names: string[]
  readonly scopes: WeakMap<Scope, {readonly count: number; readonly scope: Scope}>
}

/**
 * The names that tasks register on each host, in the order of the run. What tags leave out registers nothing for what is
 * chosen, and everything for what is left out as well and only checked.
 */
export class Registers {
  readonly #chosen = new Map<string, Names>()
  readonly #all = new Map<string, Names>()

  add(name: string, hosts: Iterable<string>, isChosen: boolean): void {
    for (const host of hosts)
      for (const known of isChosen ? [this.#chosen, this.#all] : [this.#all]) namesOf(known, host).names.push(name)
  }

  /** A scope of a host with the names that are registered so far. */
  scope(scope: Scope, host: string, isChosen: boolean): Scope {
    const {names, scopes} = namesOf(isChosen ? this.#chosen : this.#all, host)
    if (names.length === 0) return scope
    const known = scopes.get(scope)
    if (known?.count === names.length) return known.scope
    const fresh = scope.registering(names)
    scopes.set(scope, {count: names.length, scope: fresh})
    return fresh
  }
}

const namesOf = (all: Map<string, Names>, host: string): Names => {
  const known = all.get(host) ?? {names: [], scopes: new WeakMap()}
  all.set(host, known)
  return known
}
