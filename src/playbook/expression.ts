import {createRequire} from 'node:module'
import type {Environment} from 'minijinja-js'
import {suggest} from '../diagnostics/nearest.ts'
import {builtInFilters, builtInTests, filters, namedArguments, tests} from './expression-filters.ts'
import {namesIn} from './expression-names.ts'

/** An expression that cannot be evaluated, with the reason as a clause. */
export class ExpressionError extends Error {
  readonly rule: string
  readonly fix: string | undefined
  constructor(rule: string, message: string, fix?: string) {
    super(message)
    this.name = 'ExpressionError'
    this.rule = rule
    this.fix = fix
  }
}

const fuel = 1_000_000
let failure: unknown
let orders = new Map<string, object>()
let loaded: Environment | undefined

/** minijinja hands mappings over as sorted Maps: puts them back into the order in which they were written. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(held => plain(held) ?? null)
  if (!(value instanceof Map)) return value
  const sorted = [...value.keys()].map(String)
  const original = orders.get(sorted.join('\0'))
  const record = Object.fromEntries([...value].map(([key, held]) => [String(key), plain(held) ?? null]))
  return original ? Object.fromEntries(Object.keys(original).map(key => [key, record[key]])) : record
}

const learnOrder = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) {
    const keys = Object.keys(value)
    const sorted = keys.toSorted((a, b) => (a < b ? -1 : 1))
    if (keys.some((key, index) => key !== sorted[index])) orders.set(sorted.join('\0'), value)
  }
  for (const held of Object.values(value)) learnOrder(held)
}

/** A call from minijinja must never throw: that breaks its memory for good. */
const guarded =
  (call: (input: unknown, args: readonly unknown[], named: Record<string, unknown>) => unknown) =>
  (input: unknown, ...rest: unknown[]): unknown => {
    try {
      const last = rest.at(-1)
      const isNamed =
        last instanceof Map && last.size > 0 && [...last.keys()].every(key => namedArguments.has(String(key)))
      const args = (isNamed ? rest.slice(0, -1) : rest).map(plain)
      const result = call(plain(input), args, isNamed ? (plain(last) as Record<string, unknown>) : {})
      learnOrder(result)
      return result
    } catch (error) {
      failure ??= error
      return null
    }
  }

const environment = (): Environment => {
  if (loaded) return loaded
  const library = createRequire(import.meta.url)('minijinja-js') as typeof import('minijinja-js')
  loaded = new library.Environment()
  loaded.undefinedBehavior = 'strict'
  loaded.enablePyCompat()
  loaded.fuel = fuel
  for (const [name, filter] of Object.entries(filters)) loaded.addFilter(name, guarded(filter))
  for (const [name, test] of Object.entries(tests)) loaded.addTest(name, guarded(test))
  return loaded
}

const knownFilters = [...new Set([...builtInFilters, ...Object.keys(filters)])]
const knownTests = [...builtInTests, ...Object.keys(tests)]
const methods = /\.\s*(items|keys|values)\s*\(\s*\)/g

/** Python keeps a backslash before a character that it is no escape for: '\w'. */
const literalBackslash = /(?<=(?<!\\)(?:\\\\)*)\\(?=[^\\'"abfnrtvxuUN0-7])/g

/** Methods of mappings become filters of ours, which keep the order of the keys. */
const prepare = (expression: string): string =>
  expression.replaceAll(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([^"']+)/g, (_, text, code) =>
    text === undefined ? String(code).replaceAll(methods, '|$1') : String(text).replaceAll(literalBackslash, '\\$&'),
  )

const sentence = (message: string): string =>
  (message.split('\n')[0] ?? '').replace(/ \(in <expression>:\d+\)$/, '').replace(/^syntax error: /, '')

const run = (expression: string, context: Readonly<Record<string, unknown>>): unknown => {
  failure = undefined
  orders = new Map()
  learnOrder(context)
  const ready = prepare(expression)
  let value = plain(environment().evalExpr(ready, context))
  // None and undefined look the same from here.
  if (value === undefined && environment().evalExpr(`(${ready}) is none`, context) === true) value = null
  if (failure) throw new ExpressionError('expression', (failure as Error).message)
  return value
}

const checked = new Map<string, ExpressionError | undefined>()

/** Why an expression can never be evaluated, whatever its variables are. */
export const expressionProblem = (expression: string): ExpressionError | undefined => {
  if (!checked.has(expression)) checked.set(expression, findProblem(expression))
  return checked.get(expression)
}

const findProblem = (expression: string): ExpressionError | undefined => {
  if (expression.trim() === '') return new ExpressionError('expression-syntax', 'the expression is empty')
  if (/\b(lookup|query|q)\s*\(/.test(expression))
    return new ExpressionError('not-supported', 'lookup() is not supported yet', 'use a variable or a vars file')
  const {filters: used, tests: asked} = namesIn(expression)
  for (const name of used) {
    const known = name.replace(/^ansible\.builtin\./, '')
    if (!knownFilters.includes(known) || known !== name)
      return new ExpressionError('unknown-filter', `the filter '${name}' is unknown`, suggest(known, knownFilters))
  }
  for (const name of asked)
    if (!knownTests.includes(name))
      return new ExpressionError('unknown-test', `the test 'is ${name}' is unknown`, suggest(name, knownTests))
  try {
    run(expression, {})
  } catch (error) {
    const {message} = error as Error
    if (message.startsWith('syntax error'))
      return new ExpressionError('expression-syntax', sentence(message), 'check quotes, brackets and operators')
    if (message.startsWith('unknown function'))
      return new ExpressionError('unknown-function', sentence(message).replace(/^unknown function: /, ''))
  }
  return undefined
}

/** Evaluates an expression over plain data; types and the order of keys survive. Throws ExpressionError. */
export const evaluate = (expression: string, context: Readonly<Record<string, unknown>>): unknown => {
  const problem = expressionProblem(expression)
  if (problem) throw problem
  try {
    return run(expression, context)
  } catch (error) {
    if (error instanceof ExpressionError) throw error
    throw new ExpressionError('expression', sentence((error as Error).message))
  }
}

/** How a value looks in the middle of text: as Jinja prints it, and never a list or mapping by accident. */
export const inText = (value: unknown, expression: string, context: Readonly<Record<string, unknown>>): string => {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return environment().renderStr(`{{ ${prepare(expression)} }}`, context)
  throw new ExpressionError(
    'expression-type',
    `a ${Array.isArray(value) ? 'list' : 'mapping'} cannot stand in the middle of text`,
    "write | join(', ') or | to_json",
  )
}
