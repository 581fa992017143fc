import {suggest} from '../diagnostics/nearest.ts'
import {Secret} from '../shell/secret.ts'
import type {Given} from './arguments.ts'
import {calculate, negate} from './arithmetic.ts'
import {compare, contains, equals} from './compare.ts'
import {filters, structuralFilters} from './filters/index.ts'
import type {Frame} from './frame.ts'
import {globals} from './globals.ts'
import {markOwn} from './methods.ts'
import type {Arguments, Expression, Node} from './nodes.ts'
import {fail, JinjaProblem} from './problem.ts'
import {holdsSecret, openSecrets} from './secrets.ts'
import {sliceOf} from './slice.ts'
import {pathText, subscript} from './subscript.ts'
import {tests} from './tests.ts'
import {str} from './text-of.ts'
import {Callable, defined, dictOf, entriesOf, isDict, isTrue, iterate, NoElse, Tuple, Undefined} from './values.ts'

/** Where an expression finds its variables. */
export type Names = {
  /**
   * The value of a variable; `parts` are what the expression asks of it, `guarded` that it may be missing. Gives
   * undefined for a name that nothing defines, Undefined for one whose value cannot be had.
   */
  get(name: string, parts: readonly (string | number)[], guarded: boolean): unknown
  /** Says that a name is undefined, with the nearest one. */
  missing(name: string): Error
  /** What YAML text holds. */
  readYaml?(text: string): unknown
  /** `lookup('file', …)`: the list that a lookup gives. */
  lookup?(name: string, terms: readonly unknown[], named: ReadonlyMap<string, unknown>): readonly unknown[]
}

/** What filters and tests may ask of the expression that uses them. */
export type Tools = {
  filter(name: string, value: unknown, given: Given): unknown
  test(name: string, value: unknown, given: Given): boolean
  readYaml(text: string): unknown
}

const most = 5_000_000

/** Evaluates expressions. Throws JinjaProblem, and what the names throw. */
export class Evaluator implements Tools {
  readonly #names: Names
  #steps = 0
  /** Something of the result came from a secret. */
  tainted = false
  /** What its secrets are. */
  readonly texts = new Set<unknown>()

  /** What a secret is for calculations: itself, or another value, to see what depends on it. */
  readonly #reveal: (secret: Secret) => unknown

  constructor(names: Names, reveal: (secret: Secret) => unknown = secret => secret.open()) {
    this.#names = names
    this.#reveal = secret => {
      const value = reveal(secret)
      this.texts.add(value)
      return value
    }
  }

  /** A value to work on: defined, its secrets in the open. */
  use(value: unknown): unknown {
    if (value instanceof NoElse) return value
    defined(value)
    if (!holdsSecret(value)) return value
    this.tainted = true
    return openSecrets(value, this.#reveal)
  }

  /** As it stands in text: None is nothing. */
  text(value: unknown): string {
    return value === null ? '' : str(this.use(value))
  }

  evaluate(node: Expression, frame: Frame, guarded = false): unknown {
    if (++this.#steps > most) fail('the template takes too long', 'check its loops')
    try {
      return this.#value(node, frame, guarded)
    } catch (error) {
      if (error instanceof JinjaProblem) error.offset ??= node.at
      throw error
    }
  }

  /** An operand of a calculation. */
  #operand(node: Expression, frame: Frame): unknown {
    return this.use(this.evaluate(node, frame))
  }

  #value(node: Expression, frame: Frame, guarded: boolean): unknown {
    switch (node.kind) {
      case 'constant':
        return node.value
      case 'name':
      case 'attribute':
      case 'item':
        return this.#path(node, frame, guarded)
      case 'list':
        return markOwn(node.items.map(item => this.evaluate(item, frame)))
      case 'tuple':
        return Tuple.from(node.items, item => this.evaluate(item, frame))
      case 'dict':
        return markOwn(
          dictOf(node.entries.map(([key, value]) => [this.#operand(key, frame), this.evaluate(value, frame)] as const)),
        )
      case 'slice': {
        const [start, stop, step] = [node.start, node.stop, node.step].map(part => part && this.#operand(part, frame))
        const of = defined(this.evaluate(node.of, frame))
        return sliceOf(of instanceof Secret ? this.use(of) : of, start, stop, step)
      }
      case 'call':
        return this.#call(node, frame)
      case 'filter':
        if (!node.of) return fail('a filter has nothing to work on')
        return this.applyFilter(
          node,
          this.evaluate(node.of, frame, ['default', 'd'].includes(shortName(node.name))),
          frame,
        )
      case 'test': {
        const value = this.evaluate(node.of, frame, ['defined', 'undefined'].includes(shortName(node.name)))
        return this.test(node.name, value, this.given(node, frame))
      }
      case 'not':
        return !isTrue(this.evaluate(node.of, frame))
      case 'minus':
        return negate(this.#operand(node.of, frame))
      case 'plus':
        return calculate('+', 0, this.#operand(node.of, frame))
      case 'and': {
        const left = this.evaluate(node.left, frame)
        return isTrue(left) ? this.evaluate(node.right, frame) : left
      }
      case 'or': {
        const left = this.evaluate(node.left, frame)
        return isTrue(left) ? left : this.evaluate(node.right, frame)
      }
      case 'calculate':
        return calculate(node.sign, this.#operand(node.left, frame), this.#operand(node.right, frame))
      case 'compare':
        return this.#compare(node, frame)
      case 'concat':
        return node.parts.map(part => str(this.#operand(part, frame))).join('')
      case 'choice': {
        if (isTrue(this.evaluate(node.test, frame))) return this.evaluate(node.yes, frame)
        if (node.no) return this.evaluate(node.no, frame)
        return new NoElse(
          new JinjaProblem('expression', 'it gives nothing when its condition does not hold', {
            fix: 'add an else part or | default(…)',
            offset: node.at,
          }),
        )
      }
    }
  }

  #compare(node: Node<'compare'>, frame: Frame): boolean {
    let left = this.#operand(node.first, frame)
    for (const [sign, next] of node.rest) {
      const right = this.#operand(next, frame)
      if (!holds(sign, left, right)) return false
      left = right
    }
    return true
  }

  /** A variable with the parts that are asked of it, so that it can be looked up no further than needed. */
  #path(node: Node<'name' | 'attribute' | 'item'>, frame: Frame, guarded: boolean): unknown {
    const steps: Node<'attribute' | 'item'>[] = []
    let base: Expression = node
    while (base.kind === 'attribute' || base.kind === 'item') {
      steps.unshift(base)
      base = base.of
    }
    const keys = steps.map(step => (step.kind === 'attribute' ? step.name : this.#operand(step.key, frame)))
    let value = base.kind === 'name' ? this.#variable(base, keys, frame, guarded) : this.evaluate(base, frame)
    for (const [index, step] of steps.entries()) value = subscript(value, keys[index], step)
    return value
  }

  #variable({name, at}: Node<'name'>, keys: readonly unknown[], frame: Frame, guarded: boolean): unknown {
    if (frame.has(name)) return frame.get(name)
    const end = keys.findIndex(key => typeof key !== 'string' && typeof key !== 'number')
    const parts = (end < 0 ? keys : keys.slice(0, end)) as (string | number)[]
    const value = this.#names.get(name, parts, guarded)
    if (value !== undefined) return value
    if (name === 'lookup' || name === 'query' || name === 'q') return this.#lookup(name)
    const global = Object.hasOwn(globals, name) ? globals[name] : undefined
    if (global) return global
    const error = this.#names.missing(name)
    if (error instanceof JinjaProblem) error.offset ??= at
    return new Undefined(error)
  }

  #lookup(name: string): Callable {
    return new Callable(name, ([plugin, ...terms], named) => {
      if (typeof plugin !== 'string' || !this.#names.lookup) return fail(`${name}() is not possible here`)
      const options = new Map(named)
      for (const option of ['wantlist', 'errors']) options.delete(option)
      let found: readonly unknown[]
      try {
        found = this.#names.lookup(plugin.replace(/^ansible\.builtin\./, ''), terms, options)
      } catch (error) {
        if (
          !(
            error instanceof JinjaProblem &&
            error.rule === 'lookup' &&
            ['ignore', 'warn'].includes(String(named.get('errors')))
          )
        )
          throw error
        return name === 'lookup' && named.get('wantlist') !== true ? null : []
      }
      if (name !== 'lookup' || named.get('wantlist') === true || found.length === 0) return [...found]
      if (found.every(item => typeof item === 'string')) return found.join(',')
      return found.length === 1 ? found[0] : [...found]
    })
  }

  #call(node: Node<'call'>, frame: Frame): unknown {
    const {of} = node
    let callee: unknown
    if (of.kind === 'attribute') callee = subscript(this.#receiver(of.of, frame), of.name, of)
    else callee = this.evaluate(of, frame)
    if (callee instanceof Undefined) throw of.kind === 'name' ? unknownFunction(of.name, callee.error) : callee.error
    if (!(callee instanceof Callable)) return fail(`'${pathText(of)}' is no function`)
    const {args, named} = this.given(node, frame)
    return callee.call(
      args.map(arg => this.use(arg)),
      new Map([...named].map(([name, value]) => [name, this.use(value)])),
    )
  }

  #receiver(node: Expression, frame: Frame): unknown {
    const value = this.evaluate(node, frame)
    return value instanceof Secret ? this.use(value) : value
  }

  /** The arguments of a call, evaluated. */
  given({args, named, rest, restNamed}: Arguments, frame: Frame): Given {
    const more = rest ? iterate(this.evaluate(rest, frame)) : []
    const moreNamed = restNamed ? this.evaluate(restNamed, frame) : new Map()
    if (!isDict(moreNamed)) return fail('** needs a mapping')
    return {
      args: [...args.map(arg => this.evaluate(arg, frame)), ...more],
      named: new Map([
        ...named.map(([name, value]) => [name, this.evaluate(value, frame)] as const),
        ...entriesOf(moreNamed).map(([name, value]) => [str(name), value] as const),
      ]),
    }
  }

  applyFilter(node: Node<'filter'>, value: unknown, frame: Frame): unknown {
    return this.filter(node.name, value, this.given(node, frame))
  }

  filter(name: string, value: unknown, given: Given): unknown {
    const short = shortName(name)
    const run = Object.hasOwn(filters, short) ? filters[short] : undefined
    if (!run) throw unknownFilter(name)
    if (structuralFilters.has(short)) return run(value, given, this)
    return run(this.use(value), this.#open(given), this)
  }

  test(name: string, value: unknown, given: Given): boolean {
    const short = shortName(name)
    const run = Object.hasOwn(tests, short) ? tests[short] : undefined
    if (!run) throw unknownTest(name)
    if (short === 'defined' || short === 'undefined') return run(value, given, this)
    return run(this.use(value), this.#open(given), this)
  }

  readYaml(text: string): unknown {
    return this.#names.readYaml?.(text) ?? fail('YAML cannot be read here')
  }

  #open({args, named}: Given): Given {
    if (!args.some(holdsSecret) && ![...named.values()].some(holdsSecret)) return {args, named}
    return {
      args: args.map(arg => this.use(arg)),
      named: new Map([...named].map(([name, value]) => [name, this.use(value)])),
    }
  }
}

/** Names with the prefix of Ansible's own collection mean the same. */
const shortName = (name: string): string =>
  name.replace(/^ansible\.(builtin|legacy)\./, '').replace(/^ansible\.(utils|netcommon)\.(?=[\w]+$)/, '')

export const unknownFilter = (name: string): JinjaProblem =>
  new JinjaProblem('unknown-filter', `the filter '${name}' is unknown`, fixFor(name, Object.keys(filters)))
export const unknownTest = (name: string): JinjaProblem =>
  new JinjaProblem('unknown-test', `the test 'is ${name}' is unknown`, fixFor(name, Object.keys(tests)))
const fixFor = (name: string, known: readonly string[]): {fix?: string} => {
  const fix = suggest(name, known)
  return fix === undefined ? {} : {fix}
}
const unknownFunction = (name: string, error: Error): Error =>
  error instanceof JinjaProblem && error.rule === 'undefined-variable'
    ? new JinjaProblem(
        'unknown-function',
        `there is no function '${name}'`,
        fixFor(name, [...Object.keys(globals), 'lookup', 'query']),
      )
    : error

export const knowsFilter = (name: string): boolean => Object.hasOwn(filters, shortName(name))
export const knowsTest = (name: string): boolean => Object.hasOwn(tests, shortName(name))

const holds = (sign: string, left: unknown, right: unknown): boolean => {
  switch (sign) {
    case '==':
      return equals(left, right)
    case '!=':
      return !equals(left, right)
    case 'in':
      return contains(right, left)
    case 'not in':
      return !contains(right, left)
    case '<':
      return compare(left, right, sign) < 0
    case '<=':
      return compare(left, right, sign) <= 0
    case '>':
      return compare(left, right, sign) > 0
    default:
      return compare(left, right, sign) >= 0
  }
}
