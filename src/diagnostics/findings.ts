import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import type {Keyring} from '../vault/keyring.ts'

const shown = 3
const list = (hosts: readonly string[]): string =>
  hosts.length > shown + 1 ? `${hosts.slice(0, shown).join(', ')} and ${hosts.length - shown} more` : hosts.join(', ')

const compare = (a: Diagnostic, b: Diagnostic): number => {
  if (!a.at || !b.at) return Number(Boolean(b.at)) - Number(Boolean(a.at))
  if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1
  return a.at.line - b.at.line || a.at.column - b.at.column
}

const keyOf = ({at, also, rule, what, why, fix}: Diagnostic, everywhere: boolean): string =>
  JSON.stringify([at, also, rule, what, why, fix, everywhere])

/** Collects every problem of a run; the same problem of several hosts is one. */
export class Findings {
  /** Passwords of what is encrypted among the files that are read. */
  readonly keys: Keyring
  readonly #found = new Map<string, {diagnostic: Diagnostic; hosts: Set<string>}>()

  constructor(keys: Keyring = []) {
    this.keys = keys
  }

  add(diagnostic: Diagnostic): void {
    const {host, ...rest} = diagnostic
    const key = keyOf(rest, host === undefined)
    const entry = this.#found.get(key) ?? {diagnostic: rest, hosts: new Set<string>()}
    if (host !== undefined) entry.hosts.add(host)
    this.#found.set(key, entry)
  }

  /** Facts that will be asked for; whether they exist is known when all roles are. */
  readonly facts: {readonly fact: string; readonly host: string; readonly at: Position | undefined}[] = []

  /** Where tasks register a variable, for what names it too early. */
  readonly registered = new Map<string, Position>()

  get count(): number {
    return this.#found.size
  }

  /** In the order of their places: file, line, column. */
  all(): readonly Diagnostic[] {
    const everywhere = new Set(
      [...this.#found.values()].filter(({hosts}) => hosts.size === 0).map(({diagnostic}) => keyOf(diagnostic, true)),
    )
    return [...this.#found.values()]
      .filter(({diagnostic, hosts}) => hosts.size === 0 || !everywhere.has(keyOf(diagnostic, true)))
      .map(({diagnostic, hosts}) => (hosts.size ? {...diagnostic, host: list([...hosts])} : diagnostic))
      .toSorted(compare)
  }

  throwIfAny(): void {
    if (this.#found.size) throw new InvalidInput(this.all())
  }
}
