import {readFileSync} from 'node:fs'
import {EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent, YAMLException} from 'js-yaml'
import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {keysAsWritten, markEntry, markFloat, markKeys, markStart, spotOf} from '../diagnostics/positions.ts'
import {Secret} from '../shell/secret.ts'
import {isVaulted} from '../vault/envelope.ts'
import {openAt} from '../vault/keyring.ts'
import {displayPath} from './paths.ts'
import {syntaxProblem} from './yaml-error.ts'
import {scalarValue, sealScalar} from './yaml-scalar.ts'

const maxAliases = 1000
const unquoted = {
  rule: 'yaml-unquoted',
  what: 'a value that begins with {{ is read as a mapping',
  fix: 'quote the whole value: "{{ … }}"',
} as const

const encrypted = new WeakMap<Secret, string>()

/** What stands in the file for a value that is encrypted by itself. */
export const encryptedText = (secret: Secret): string | undefined => encrypted.get(secret)

/** Builds the value of a document from js-yaml's events and remembers where every entry was written. */
class Composer {
  readonly #source: string
  readonly #file: string
  readonly #findings: Findings
  readonly #lines: number[] = [0]
  /** Mappings that were meant as text. */
  readonly #mistaken = new WeakSet<object>()
  readonly #anchors = new Map<string, unknown>()
  /** What of the file is secret, and whether that includes what is read now. */
  readonly #sealing: 'all' | 'vars' | undefined
  #sealed: boolean
  #events: Event[] = []
  #next = 0
  #aliases = 0

  constructor(source: string, file: string, findings: Findings, sealing?: 'all' | 'vars') {
    this.#source = source
    this.#file = file
    this.#findings = findings
    this.#sealing = sealing
    this.#sealed = sealing === 'all'
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) this.#lines.push(at + 1)
  }

  compose(): unknown {
    try {
      this.#events = parseEvents(this.#source, {filename: this.#file})
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      this.#findings.add(syntaxProblem(error, this.#source, this.#file))
      return undefined
    }
    if (this.#events.length === 0) return null
    const second = this.#events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT)
    if (second > 0)
      this.#findings.add({
        rule: 'yaml-documents',
        what: 'the file holds more than one YAML document',
        fix: "remove the second '---' or split the file",
        at: this.#place(this.#start(this.#events[second + 1])),
      })
    this.#next = 1
    return this.#node(0)
  }

  #place(offset: number): Position {
    let low = 0
    let high = this.#lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lines[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return {file: this.#file, line: low + 1, column: offset - (this.#lines[low] ?? 0) + 1}
  }

  #start(event: Event | undefined, fallback = 0): number {
    if (!event) return fallback
    if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1
    if (event.type === EVENT_ID.SCALAR) {
      if (event.valueStart < 0) return event.tagStart < 0 ? fallback : event.tagStart
      if (event.tagStart >= 0 || event.style >= SCALAR_STYLE.LITERAL_BLOCK)
        return event.tagStart >= 0 ? event.tagStart : this.#indicator(event.valueStart)
      return event.style === SCALAR_STYLE.PLAIN ? event.valueStart : event.valueStart - 1
    }
    return 'start' in event ? event.start : fallback
  }

  #indicator(offset: number): number {
    const found = Math.max(this.#source.lastIndexOf('|', offset), this.#source.lastIndexOf('>', offset))
    return found < 0 ? offset : found
  }

  #node(fallback: number): unknown {
    const event = this.#events[this.#next++]
    if (!event || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return null
    const offset = this.#start(event, fallback)
    if (event.type === EVENT_ID.ALIAS)
      return this.#alias(this.#source.slice(event.anchorStart, event.anchorEnd), offset)
    const anchor = event.anchorStart < 0 ? undefined : this.#source.slice(event.anchorStart, event.anchorEnd)
    if (event.type === EVENT_ID.SCALAR) {
      const value = this.#scalar(event, offset)
      if (anchor !== undefined) this.#anchors.set(anchor, value)
      return value
    }
    const container: unknown[] | Record<string, unknown> = event.type === EVENT_ID.SEQUENCE ? [] : {}
    markStart(container, this.#place(offset))
    if (anchor !== undefined) this.#anchors.set(anchor, container)
    if (Array.isArray(container)) this.#items(container, offset)
    else this.#pairs(container, offset)
    return this.#mistaken.has(container) ? '' : container
  }

  #scalar(event: ScalarEvent, offset: number): unknown {
    const tag = event.tagStart < 0 ? '' : this.#source.slice(event.tagStart, event.tagEnd)
    if (tag === '!vault' || tag === '!vault-encrypted') return this.#vaulted(getScalarValue(this.#source, event), event)
    const result = scalarValue(event, this.#source)
    if (!('problem' in result)) return this.#sealed ? sealScalar(result.value) : result.value
    const text = this.#source.slice(event.valueStart, event.valueEnd)
    this.#findings.add({...result.problem, at: this.#place(offset)})
    return this.#sealed ? new Secret(text) : text
  }

  /** Decrypted when it is first needed, because each decryption costs milliseconds. */
  #vaulted(text: string, {tagStart}: ScalarEvent): Secret {
    const header = this.#source.indexOf('$', tagStart)
    const at = this.#place(header < 0 ? tagStart : header)
    const {keys} = this.#findings
    const secret = new Secret(() => openAt(text, at, keys).toString())
    encrypted.set(secret, text)
    return secret
  }

  #alias(name: string, offset: number): unknown {
    if (++this.#aliases === maxAliases + 1)
      this.#findings.add({rule: 'yaml-alias', what: `more than ${maxAliases} aliases`, at: this.#place(offset)})
    if (!this.#anchors.has(name))
      this.#findings.add({
        rule: 'yaml-alias',
        what: `'*${name}' refers to an anchor that does not exist`,
        why: 'a value that begins with * is an alias in YAML',
        fix: `define it above with &${name}, or quote the value`,
        at: this.#place(offset),
      })
    return this.#aliases > maxAliases ? null : (this.#anchors.get(name) ?? '')
  }

  #ends(): boolean {
    const event = this.#events[this.#next]
    if (event && event.type !== EVENT_ID.POP) return false
    this.#next++
    return true
  }

  #items(into: unknown[], start: number): void {
    while (!this.#ends()) {
      const offset = this.#start(this.#events[this.#next], start)
      const at = this.#place(offset)
      const event = this.#events[this.#next]
      markEntry(into, into.length, {key: at, value: at})
      into.push(this.#node(offset))
      if (this.#isWholeFloat(event, into.at(-1))) markFloat(into, into.length - 1)
    }
  }

  #pairs(into: Record<string, unknown>, start: number): void {
    const own = new Set<string>()
    const merges: unknown[] = []
    const written = new Map<string, unknown>()
    const names = new Map<string, unknown>()
    while (!this.#ends()) {
      const keyEvent = this.#events[this.#next]
      const keyOffset = this.#start(keyEvent, start)
      const keyAt = this.#place(keyOffset)
      const key = this.#key(start)
      const valueOffset = this.#start(this.#events[this.#next], keyOffset)
      const valueEvent = this.#events[this.#next]
      const isSealed = this.#sealed
      this.#sealed ||= this.#sealing === 'vars' && key === 'vars'
      const value = this.#node(keyOffset)
      this.#sealed = isSealed
      if (typeof key === 'object' && key !== null) {
        this.#findings.add(
          this.#source.startsWith('{{', start)
            ? this.#mistake(into, start)
            : {rule: 'yaml-key', what: 'a key must be plain text', fix: 'quote it', at: keyAt},
        )
        continue
      }
      const name = String(key)
      if (name === '<<' && keyEvent?.type === EVENT_ID.SCALAR && keyEvent.style === SCALAR_STYLE.PLAIN) {
        const list = Array.isArray(value) ? value : [value]
        merges.push(...list)
        // Python puts merged keys before the others, those of the last mapping first.
        for (const name of list.toReversed().flatMap(mergedKeys)) written.set(...name)
        continue
      }
      if (own.has(name)) {
        this.#findings.add({
          rule: 'yaml-duplicate-key',
          what: `the key '${name}' stands twice in one mapping`,
          why: `it was already set on line ${spotOf(into, name)?.key.line}`,
          fix: 'keep one of them',
          at: keyAt,
        })
        continue
      }
      own.add(name)
      if (this.#isWholeFloat(valueEvent, value)) markFloat(into, name)
      names.set(name, this.#typedKey(keyEvent, name))
      define(into, name, value)
      markEntry(into, name, {key: keyAt, value: this.#place(valueOffset)})
    }
    for (const merged of merges) this.#merge(into, own, merged, start)
    for (const [name, key] of names) written.set(name, key)
    const needed = merges.length > 0 || [...written].some(([name, key]) => name !== key || /^\d+$/.test(name))
    if (needed) markKeys(into, written)
  }

  #isWholeFloat(event: Event | undefined, value: unknown): boolean {
    return (
      typeof value === 'number' &&
      Number.isInteger(value) &&
      event?.type === EVENT_ID.SCALAR &&
      /[.]/.test(this.#source.slice(event.valueStart, event.valueEnd))
    )
  }

  /** What Python takes a key for: a number, a bool or nothing where YAML 1.1 says so. */
  #typedKey(event: Event | undefined, name: string): unknown {
    if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN || event.tagStart >= 0) return name
    const result = scalarValue(event, this.#source)
    const isPlain = 'value' in result && (result.value === null || ['number', 'boolean'].includes(typeof result.value))
    return isPlain ? result.value : name
  }

  /** Keys are names: `no:` is the key 'no', whatever YAML 1.1 would make of it. */
  #key(start: number): unknown {
    const event = this.#events[this.#next]
    if (
      event?.type === EVENT_ID.SCALAR &&
      (this.#sealed || (event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0))
    ) {
      this.#next++
      return getScalarValue(this.#source, event)
    }
    return this.#node(start)
  }

  #mistake(into: object, start: number): Diagnostic {
    this.#mistaken.add(into)
    return {...unquoted, at: this.#place(start)}
  }

  #merge(into: Record<string, unknown>, own: Set<string>, merged: unknown, start: number): void {
    if (typeof merged !== 'object' || merged === null || Array.isArray(merged)) {
      this.#findings.add({rule: 'yaml-merge', what: "'<<' needs a mapping", at: this.#place(start)})
      return
    }
    for (const [name, value] of Object.entries(merged)) {
      if (own.has(name)) continue
      own.add(name)
      define(into, name, value)
      const spot = spotOf(merged, name)
      if (spot) markEntry(into, name, spot)
    }
  }
}

const mergedKeys = (merged: unknown): [string, unknown][] =>
  typeof merged === 'object' && merged !== null && !Array.isArray(merged)
    ? [...(keysAsWritten(merged) ?? Object.keys(merged).map((name): [string, unknown] => [name, name]))]
    : []

const define = (into: object, name: string, value: unknown): void => {
  Object.defineProperty(into, name, {value, enumerable: true, writable: true, configurable: true})
}

/**
 * The value of YAML text with the place of every entry remembered; undefined after a syntax error. Text that is encrypted
 * as a whole is decrypted, and its `sealing` values are secrets: all, or those below `vars` in a playbook.
 */
export const parseYaml = (
  source: string,
  file: string,
  findings: Findings,
  sealing: 'all' | 'vars' = 'all',
): unknown => {
  const text = plainText(source, file, findings)?.replace(/^\uFEFF/, ' ')
  return text === undefined
    ? undefined
    : new Composer(text, file, findings, isVaulted(source) ? sealing : undefined).compose()
}

/** The text of a file, decrypted where it is encrypted; undefined after a problem. */
export const plainText = (source: string, file: string, findings: Findings): string | undefined => {
  if (!isVaulted(source)) return source
  try {
    return openAt(source, {file, line: 1, column: 1}, findings.keys).toString()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    for (const diagnostic of error.diagnostics) findings.add(diagnostic)
    return undefined
  }
}

/** Reads a YAML file; null when it is empty, undefined when it cannot be read. */
export const readYaml = (path: string, findings: Findings, at?: Position, sealing?: 'all' | 'vars'): unknown => {
  const file = displayPath(path)
  try {
    return parseYaml(readFileSync(path, 'utf8'), file, findings, sealing)
  } catch (error) {
    findings.add({
      rule: 'unreadable-file',
      what: `${file} cannot be read`,
      why: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message,
      fix: 'check the path',
      ...(at && {at}),
    })
    return undefined
  }
}
