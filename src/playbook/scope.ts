import type {Position} from '../diagnostic.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {copyMarks, isWholeFloat, type Spot, spotOf} from '../diagnostics/positions.ts'
import {isFactName} from '../inventory/connection-names.ts'
import type {Names} from '../jinja/evaluator.ts'
import {plain} from '../jinja/plain.ts'
import type {Mentions} from '../jinja/references.ts'
import type {Load, Source} from '../jinja/render.ts'
import {evaluateExpression, renderValue} from '../jinja/run.ts'
import {holdsSecret} from '../jinja/secrets.ts'
import {Float, isNumber, Undefined} from '../jinja/values.ts'
import {Secret} from '../shell/secret.ts'
import type {Keyring} from '../vault/keyring.ts'
import {EvaluationError, inText, located, NeedsFacts, NeedsResult, unplaced} from './evaluation-error.ts'
import {isGlobal, isTemplate, readExpression, readValue} from './expression.ts'
import type {Reference} from './expression-names.ts'
import {ansibleView} from './facts-view.ts'
import {isMapping} from './mapping.ts'
import type {Known} from './model.ts'
import {renderFile} from './render-file.ts'
import {readYamlText, runLookup} from './run-lookup.ts'
import {sealed} from './taint.ts'
import {Sealed, Unsafe} from './yaml-scalar.ts'

/** Variables of one place, such as `group_vars/all.yml`. */
export type Layer = {
  readonly name: string
  readonly vars: Readonly<Record<string, unknown>>
  /** `-e` of the command line: above what tasks register. */
  readonly isExtra?: boolean
}

/** A name that the engine gives a value: `inventory_hostname`, `hostvars`, `item`. */
export type Special = (reference: Reference, known: Known | undefined) => unknown

const refused: ReadonlyMap<string, string> = new Map([
  ['ansible_check_mode', 'a plan is the same in check mode and in apply mode'],
  ['ansible_diff_mode', 'a plan is the same in check mode and in apply mode'],
  ...['template_host', 'template_uid', 'template_mtime', 'template_run_date'].map((name): [string, string] => [
    name,
    'a file must not change because another machine or another day writes it',
  ]),
  ['ansible_play_hosts', 'a plan does not depend on which hosts still answer'],
  ['play_hosts', 'a plan does not depend on which hosts still answer'],
  ['ansible_play_batch', 'a plan does not depend on which hosts still answer'],
])

const shownPath = ({root, parts}: Reference): string =>
  root + parts.map(part => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')

/** The variables of one host at one point of a playbook. Every variable is evaluated when it is first used. */
export class Scope {
  readonly #layers: readonly Layer[]
  readonly #specials: ReadonlyMap<string, Special>
  readonly #known: Known | undefined
  /** Names that tasks before this point register. */
  readonly #registers: ReadonlySet<string>
  /** Passwords of files that lookups read. */
  readonly keys: Keyring
  readonly #values = new Map<string, {value: unknown} | {error: unknown}>()
  readonly #open: string[] = []

  /** `layers` from the weakest to the strongest. */
  constructor(
    layers: readonly Layer[],
    specials: ReadonlyMap<string, Special>,
    known?: Known,
    registers: ReadonlySet<string> = new Set(),
    keys: Keyring = [],
  ) {
    this.#layers = layers
    this.#specials = specials
    this.#known = known
    this.#registers = registers
    this.keys = keys
  }

  /** The same with stronger layers on top; `below` (extra variables) stay the strongest. */
  with(layers: readonly Layer[], extra: readonly Layer[] = []): Scope {
    const added = layers.filter(layer => Object.keys(layer.vars).length > 0)
    if (added.length === 0) return this
    const base = this.#layers.filter(layer => !extra.includes(layer))
    return new Scope([...base, ...added, ...extra], this.#specials, this.#known, this.#registers, this.keys)
  }

  /** With what the run has learnt. */
  knowing(known: Known | undefined): Scope {
    return known === this.#known ? this : new Scope(this.#layers, this.#specials, known, this.#registers, this.keys)
  }

  /** After tasks that register these names. */
  registering(names: Iterable<string>): Scope {
    return new Scope(this.#layers, this.#specials, this.#known, new Set([...this.#registers, ...names]), this.keys)
  }

  /** With one more value that is data already, such as `item`. */
  withValue(name: string, value: unknown): Scope {
    return new Scope(
      this.#layers,
      new Map([...this.#specials, [name, () => value]]),
      this.#known,
      this.#registers,
      this.keys,
    )
  }

  /** From the weakest to the strongest. */
  layers(): readonly Layer[] {
    return this.#layers
  }

  names(): readonly string[] {
    return [...new Set(this.#layers.flatMap(layer => Object.keys(layer.vars)))]
  }

  /** The strongest definition of a variable, unevaluated. */
  definition(name: string): {layer: Layer; value: unknown; spot: Spot | undefined} | undefined {
    const layer = this.#layers.findLast(({vars}) => Object.hasOwn(vars, name))
    return layer && {layer, value: layer.vars[name], spot: spotOf(layer.vars, name)}
  }

  /** The evaluated value of a variable as plain data. Throws EvaluationError, NeedsFacts and NeedsResult. */
  lookup(name: string): unknown {
    return this.#plain(this.#lookup(name))
  }

  #plain(value: unknown): unknown {
    if (Array.isArray(value))
      return copyMarks(
        value,
        Array.from(value, held => this.#plain(held)),
      )
    if (!isMapping(value)) return plain(value)
    return copyMarks(value, Object.fromEntries(Object.entries(value).map(([key, held]) => [key, this.#plain(held)])))
  }

  #lookup(name: string): unknown {
    const known = this.#values.get(name)
    if (known) {
      if ('error' in known) throw known.error
      return known.value
    }
    const definition = this.definition(name)
    if (!definition) throw this.#undefined(name)
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name].join(' -> ')
      const at = definition.spot?.value
      throw new EvaluationError({
        rule: 'variable-cycle',
        what: `the variable '${name}' needs itself: ${circle}`,
        fix: 'give one of them a value of its own',
        ...(at && {at}),
      })
    }
    this.#open.push(name)
    try {
      const value = this.#entry(definition.layer.vars, name, definition.spot?.value)
      this.#values.set(name, {value})
      return value
    } catch (error) {
      if (!(error instanceof EvaluationError && error.rule === 'variable-cycle')) this.#values.set(name, {error})
      throw error
    } finally {
      this.#open.pop()
    }
  }

  /** A value with every `{{ }}` in it evaluated, of the type that Ansible gives it, as plain data. */
  value(tree: unknown, at?: Position): unknown {
    return this.#plain(this.#value(tree, at))
  }

  /** A name as an expression finds it; Undefined when nothing defines it. */
  variable(name: string): unknown {
    return this.#names.get(name, [], true) ?? new Undefined(this.#names.missing(name))
  }

  /** The same with the types of Python: a float stays one, a tuple is no list. */
  typed(tree: unknown, at?: Position): unknown {
    return this.#value(tree, at)
  }

  #value(tree: unknown, at?: Position): unknown {
    if (typeof tree === 'string') return this.#text(tree, at)
    if (tree instanceof Unsafe) return tree.text
    if (tree instanceof Sealed) return sealed(this.#text(tree.text, at))
    if (!Array.isArray(tree) && !isMapping(tree)) return tree
    const place = (key: string | number): Position | undefined => spotOf(tree, key)?.value ?? at
    if (Array.isArray(tree))
      return copyMarks(
        tree,
        tree.map((_, index) => this.#entry(tree, index, place(index))),
      )
    const entries = Object.keys(tree).map(key => [key, this.#entry(tree, key, place(key))] as const)
    return copyMarks(tree, Object.fromEntries(entries))
  }

  /** One entry of a mapping or list. 1.0 stays a float, which a number of JavaScript is not. */
  #entry(container: object, key: string | number, at?: Position): unknown {
    const held = (container as Readonly<Record<string | number, unknown>>)[key]
    return typeof held === 'number' && isWholeFloat(container, key) ? new Float(held) : this.#value(held, at)
  }

  /** The same where no secret may stand: names, paths, the environment. */
  open(tree: unknown, at?: Position, why?: string): unknown {
    const value = this.value(tree, at)
    if (!holdsSecret(value)) return value
    const fix = 'use a value that is neither encrypted nor computed from one that is'
    throw new EvaluationError({
      rule: 'secret-place',
      what: 'a secret cannot stand here',
      why: why ?? 'names and paths are shown',
      fix,
      ...(at && {at}),
    })
  }

  #text(text: string, at: Position | undefined): unknown {
    if (!isTemplate(text)) return text
    try {
      const {tree, mentions, problem} = readValue(text)
      if (problem) throw problem
      const only = /^\{\{\s*([^\W\d]\w*)\s*\}\}$/.exec(text)?.[1]
      if (only !== undefined) {
        const kept = this.#typed(only)
        if (kept !== undefined) return kept
      }
      return this.#waiting(mentions, () => renderValue(text, tree, this.#names))
    } catch (error) {
      throw located(inText(error, text), at)
    }
  }

  /** Ansible keeps the type of a variable that is a number, a bool or nothing, and that a text names alone. */
  #typed(name: string): unknown {
    const isOwn = this.#specials.has(name) || this.#isRegistered(name) || !this.definition(name)
    const written = this.definition(name)?.value
    const value = isOwn || isNumber(written) ? this.#names.get(name, [], true) : written
    return value === null || typeof value === 'boolean' || isNumber(value) || value instanceof Secret
      ? value
      : undefined
  }

  /** The value of one expression, such as a condition. Throws EvaluationError, NeedsFacts and NeedsResult. */
  evaluate(expression: string, at?: Position): unknown {
    try {
      const {tree, mentions, problem} = readExpression(expression)
      if (problem) throw problem
      return this.#waiting(mentions, () => plain(evaluateExpression(tree, this.#names)))
    } catch (error) {
      throw located(inText(error, expression), at)
    }
  }

  /** Renders a template of a file. Throws EvaluationError at its line, NeedsFacts and NeedsResult. */
  render(source: Source, load: Load, own: ReadonlyMap<string, unknown>): string | Secret {
    const names: Names = {
      ...this.#names,
      get: (name, parts, guarded) => own.get(name) ?? this.#names.get(name, parts, guarded),
    }
    return renderFile(source, load, names, (mentions, work) => this.#waiting(mentions, work))
  }

  /** What must wait for facts waits; but what is undefined whatever the facts are is told at once. */
  #waiting<Value>(mentions: Mentions, work: () => Value): Value {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof NeedsFacts)) throw error
      const needed = new Set(error.facts)
      for (const {root, parts, guarded, conditional} of mentions.uses) {
        try {
          const value = this.#names.get(root, parts, guarded)
          if (guarded || conditional) continue
          if (value === undefined && !isGlobal(root)) throw this.#names.missing(root)
          if (value instanceof Undefined) throw value.error
        } catch (other) {
          if (other instanceof NeedsFacts) for (const fact of other.facts) needed.add(fact)
          else if (!(other instanceof NeedsResult)) throw other
        }
      }
      throw new NeedsFacts([...needed])
    }
  }

  readonly #names: Names = {
    get: (root, parts, guarded) => {
      try {
        return this.#resolve({root, parts, guarded})
      } catch (error) {
        const own = unplaced(error)
        if (error instanceof EvaluationError && error.isUndefined) return new Undefined(own as Error)
        throw own
      }
    },
    missing: name => unplaced(this.#undefined(name)) as Error,
    readYaml: text => readYamlText(text),
    lookup: (name, terms, named) => runLookup(name, terms, named, this),
  }

  /** What a name means; undefined when nothing defines it. */
  #resolve(reference: Reference): unknown {
    const {root} = reference
    const special = this.#specials.get(root)
    if (special) return special(reference, this.#known)
    if (this.#isRegistered(root)) {
      const result = this.#known?.registered.get(root)
      if (!result) throw new NeedsResult(root)
      return result
    }
    if (this.#layers.some(({vars}) => Object.hasOwn(vars, root))) return this.#lookup(root)
    const reason = refused.get(root)
    if (reason) throw new EvaluationError({rule: 'not-supported', what: `'${root}' is not available`, why: reason})
    if (!isFactName(root)) return undefined
    if (!this.#known) throw new NeedsFacts([shownPath(reference)])
    const {facts} = this.#known
    if (root === 'facts') return facts
    const view = ansibleView(facts)
    if (root === 'ansible_facts') return view
    return Object.hasOwn(view, root) ? view[root] : view[root.slice('ansible_'.length)]
  }

  /** A registered result is above everything but extra variables. */
  #isRegistered(name: string): boolean {
    const [strongest] = this.#layers.slice(-1)
    const isExtra = strongest?.isExtra === true && Object.hasOwn(strongest.vars, name)
    return this.#registers.has(name) && !isExtra
  }

  #undefined(name: string): EvaluationError {
    const near = nearest(name, [...this.names(), ...this.#specials.keys()])
    return new EvaluationError({
      rule: 'undefined-variable',
      what: `the variable '${name}' is undefined`,
      variable: name,
      fix: near === undefined ? 'define it in group_vars, host_vars or vars' : `did you mean '${near}'?`,
    })
  }
}
