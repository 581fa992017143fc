import type {Diagnostic, Position} from '../diagnostic.ts'
import {ExpressionError} from './expression.ts'

/** A value that cannot be evaluated; `at` is the place of the expression itself, perhaps in another variable. */
export class EvaluationError extends Error {
  readonly rule: string
  readonly why: string | undefined
  readonly fix: string | undefined
  readonly at: Position | undefined
  /** The variable that is undefined. */
  readonly variable: string | undefined
  constructor({rule, what, why, fix, at, variable}: Omit<Diagnostic, 'host'> & {readonly variable?: string}) {
    super(what)
    this.name = 'EvaluationError'
    this.rule = rule
    this.why = why
    this.fix = fix
    this.at = at
    this.variable = variable
  }

  /** As a problem of `host`; `fallback` is the place of who asked. */
  toDiagnostic(host: string | undefined, fallback?: Position): Diagnostic {
    const at = this.at ?? fallback
    return {
      rule: this.rule,
      what: this.message,
      ...(this.why !== undefined && {why: this.why}),
      ...(this.fix !== undefined && {fix: this.fix}),
      ...(at && {at}),
      ...(host !== undefined && {host}),
    }
  }
}

/** Not an error: the value depends on facts, which are not known yet. */
export class NeedsFacts extends Error {
  readonly facts: readonly string[]
  constructor(facts: readonly string[]) {
    super(`'${facts[0]}' is a fact`)
    this.name = 'NeedsFacts'
    this.facts = facts
  }

  get fact(): string {
    return this.facts[0] ?? ''
  }
}

/** Not an error: the value depends on what a task before will register. */
export class NeedsResult extends Error {
  readonly variable: string
  constructor(variable: string) {
    super(`'${variable}' is known once the task that registers it has run`)
    this.name = 'NeedsResult'
    this.variable = variable
  }
}

/** Not an error: the value depends on facts of another host, which are being gathered. */
export class NeedsFactsOf extends Error {
  readonly host: string
  constructor(host: string) {
    super(`the facts of ${host} are not gathered yet`)
    this.name = 'NeedsFactsOf'
    this.host = host
  }
}

/** An expression that gives neither a value nor a reason. */
export const nothing = (expression: string): EvaluationError =>
  new EvaluationError({
    rule: 'expression',
    what: `'${expression}' gives nothing`,
    fix: 'add an else part or | default(…)',
  })

/** What the library says needs the expression beside it; our own sentences do not. */
export const inExpression = (error: unknown, expression: string): unknown =>
  error instanceof ExpressionError && ['expression', 'expression-syntax'].includes(error.rule)
    ? new ExpressionError(error.rule, `'${expression}' cannot be evaluated: ${error.message}`, error.fix)
    : error

/** An error of an expression at its place. */
export const syntaxError = (
  error: ExpressionError,
  expression: string | undefined,
  at: Position | undefined,
): EvaluationError => located(expression === undefined ? error : inExpression(error, expression), at) as EvaluationError

/** An error of evaluation at the place of what was evaluated, unless it knows a better one. */
export const located = (error: unknown, at: Position | undefined): unknown => {
  if (error instanceof ExpressionError)
    return new EvaluationError({
      rule: error.rule,
      what: error.message,
      ...(error.fix !== undefined && {fix: error.fix}),
      ...(at && {at}),
    })
  if (!(error instanceof EvaluationError) || error.at || !at) return error
  const {rule, message, why, fix, variable} = error
  return new EvaluationError({
    rule,
    what: message,
    ...(why && {why}),
    ...(fix && {fix}),
    ...(variable && {variable}),
    at,
  })
}
