import type {Position} from '../diagnostic.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {copyMarks, type Spot, spotOf} from '../diagnostics/positions.ts'
import {isFactName} from '../inventory/connection-names.ts'
import {EvaluationError, inExpression, located, NeedsFacts, NeedsResult, nothing} from './evaluation-error.ts'
import {ExpressionError, evaluate, expressionProblem, inText} from './expression.ts'
import {namesIn, type Reference} from './expression-names.ts'
import {isMapping} from './mapping.ts'
import type {Known} from './model.ts'
import {byPart, join, walk} from './reference-parts.ts'
import {parseTemplate} from './template.ts'
import {Unsafe} from './yaml-scalar.ts'

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
  ['ansible_play_hosts', 'a plan does not depend on which hosts still answer'],
  ['play_hosts', 'a plan does not depend on which hosts still answer'],
  ['ansible_play_batch', 'a plan does not depend on which hosts still answer'],
])

const shownPath = ({root, parts}: Reference, until = parts.length): string =>
  root +
  parts
    .slice(0, until)
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')

/** The variables of one host at one point of a playbook. Every variable is evaluated when it is first used. */
export class Scope {
  readonly #layers: readonly Layer[]
  readonly #specials: ReadonlyMap<string, Special>
  readonly #known: Known | undefined
  /** Names that tasks before this point register. */
  readonly #registers: ReadonlySet<string>
  readonly #values = new Map<string, {value: unknown} | {error: unknown}>()
  readonly #open: string[] = []

  /** `layers` from the weakest to the strongest. */
  constructor(
    layers: readonly Layer[],
    specials: ReadonlyMap<string, Special>,
    known?: Known,
    registers: ReadonlySet<string> = new Set(),
  ) {
    this.#layers = layers
    this.#specials = specials
    this.#known = known
    this.#registers = registers
  }

  /** The same with stronger layers on top; `below` (extra variables) stay the strongest. */
  with(layers: readonly Layer[], extra: readonly Layer[] = []): Scope {
    const added = layers.filter(layer => Object.keys(layer.vars).length > 0)
    if (added.length === 0) return this
    const base = this.#layers.filter(layer => !extra.includes(layer))
    return new Scope([...base, ...added, ...extra], this.#specials, this.#known, this.#registers)
  }

  /** With what the run has learnt. */
  knowing(known: Known | undefined): Scope {
    return known === this.#known ? this : new Scope(this.#layers, this.#specials, known, this.#registers)
  }

  /** After tasks that register these names. */
  registering(names: Iterable<string>): Scope {
    return new Scope(this.#layers, this.#specials, this.#known, new Set([...this.#registers, ...names]))
  }

  /** With one more value that is data already, such as `item`. */
  withValue(name: string, value: unknown): Scope {
    return new Scope(this.#layers, new Map([...this.#specials, [name, () => value]]), this.#known, this.#registers)
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

  /** The evaluated value of a variable. Throws EvaluationError and NeedsFacts. */
  lookup(name: string): unknown {
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
      const value = this.value(definition.value, definition.spot?.value)
      this.#values.set(name, {value})
      return value
    } catch (error) {
      if (!(error instanceof EvaluationError && error.rule === 'variable-cycle')) this.#values.set(name, {error})
      throw error
    } finally {
      this.#open.pop()
    }
  }

  /** A value with every `{{ }}` in it evaluated; types survive where the whole text is one expression. */
  value(tree: unknown, at?: Position): unknown {
    if (typeof tree === 'string') return this.#text(tree, at)
    if (tree instanceof Unsafe) return tree.text
    if (!Array.isArray(tree) && !isMapping(tree)) return tree
    const place = (key: string | number): Position | undefined => spotOf(tree, key)?.value ?? at
    if (Array.isArray(tree))
      return copyMarks(
        tree,
        tree.map((item, index) => this.value(item, place(index))),
      )
    const entries = Object.entries(tree).map(([key, held]) => [key, this.value(held, place(key))] as const)
    return copyMarks(tree, Object.fromEntries(entries))
  }

  #text(text: string, at: Position | undefined): unknown {
    try {
      const parts = parseTemplate(text)
      if (!parts) return text
      const [first] = parts
      if (parts.length === 1 && typeof first === 'object') return this.evaluate(first.expression, at)
      return parts
        .map(part => {
          if (typeof part === 'string') return part
          return inText(this.evaluate(part.expression, at), part.expression, this.#context(part.expression, at))
        })
        .join('')
    } catch (error) {
      throw located(error, at)
    }
  }

  /** The value of one expression. Throws EvaluationError and NeedsFacts. */
  evaluate(expression: string, at?: Position): unknown {
    try {
      const problem = expressionProblem(expression)
      if (problem) throw problem
      const context = this.#context(expression, at)
      const {path, references} = namesIn(expression)
      const value = path ? walk(context[path.root], path.parts) : evaluate(expression, context)
      if (value !== undefined) return value
      throw this.#missingPart(path ? [path] : references, context) ?? nothing(expression)
    } catch (thrown) {
      const error = inExpression(thrown, expression)
      if (error instanceof ExpressionError && error.message.endsWith(': undefined value')) {
        const {references} = namesIn(expression)
        const missing = this.#missingPart(references, this.#context(expression, at))
        if (missing) throw located(missing, at)
      }
      throw located(error, at)
    }
  }

  /** The variables that an expression names. Undefined ones are reported before facts are asked for. */
  #context(expression: string, at: Position | undefined): Record<string, unknown> {
    const {references} = namesIn(expression)
    const guarded = new Set(references.filter(reference => reference.guarded).map(reference => reference.root))
    const context: Record<string, unknown> = {}
    const needed: string[] = []
    for (const reference of references) {
      try {
        const value = this.#resolve(reference)
        const before = context[reference.root]
        context[reference.root] = byPart.has(reference.root) ? join(before, value) : value
      } catch (error) {
        if (error instanceof NeedsFacts) needed.push(...error.facts)
        else if (
          !(
            error instanceof EvaluationError &&
            error.rule === 'undefined-variable' &&
            guarded.has(reference.root) &&
            error.at === undefined
          )
        )
          throw located(error, at)
      }
    }
    if (needed.length > 0) throw new NeedsFacts(needed)
    return context
  }

  #resolve(reference: Reference): unknown {
    const {root} = reference
    const special = this.#specials.get(root)
    if (special) return special(reference, this.#known)
    if (this.#isRegistered(root)) {
      const result = this.#known?.registered.get(root)
      if (!result) throw new NeedsResult(root)
      return result
    }
    if (this.#layers.some(({vars}) => Object.hasOwn(vars, root))) return this.lookup(root)
    const reason = refused.get(root)
    if (reason) throw new EvaluationError({rule: 'not-supported', what: `'${root}' is not available`, why: reason})
    if (!isFactName(root)) throw this.#undefined(root)
    if (!this.#known) throw new NeedsFacts([shownPath(reference)])
    const {facts} = this.#known
    if (root === 'facts' || root === 'ansible_facts') return facts
    const fact = Object.hasOwn(facts, root) ? facts[root] : facts[root.slice('ansible_'.length)]
    if (fact === undefined) throw this.#undefined(root)
    return fact
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

  #missingPart(references: readonly Reference[], context: Record<string, unknown>): EvaluationError | undefined {
    for (const reference of references) {
      for (let depth = 1; depth <= reference.parts.length; depth++) {
        if (walk(context[reference.root], reference.parts.slice(0, depth)) !== undefined) continue
        const holder = walk(context[reference.root], reference.parts.slice(0, depth - 1))
        const part = String(reference.parts[depth - 1])
        const keys = typeof holder === 'object' && holder !== null ? Object.keys(holder) : []
        const near = nearest(part, keys)
        return new EvaluationError({
          rule: 'undefined-variable',
          what: `'${shownPath(reference, depth)}' is undefined`,
          why: `'${shownPath(reference, depth - 1)}' has ${keys.length ? `only ${keys.slice(0, 8).join(', ')}` : 'no parts'}`,
          fix: near === undefined ? 'check the name, or write | default(…)' : `did you mean '${near}'?`,
        })
      }
    }
    return undefined
  }
}
