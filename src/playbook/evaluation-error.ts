import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import {JinjaProblem} from '../jinja/problem.ts'

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

  /** A name or part that is not there: `| default` and `is defined` may ask for it. */
  get isUndefined(): boolean {
    return this.rule === 'undefined-variable'
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

const longest = 80
const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)

/** The tag of a text that holds an offset, without its braces; the whole text when it has several. */
const tagAround = (text: string): string => {
  const only = /^\s*\{\{-?([^]*?)-?\}\}\s*$/.exec(text)?.[1]
  return short((only === undefined || only.includes('}}') ? text : only).trim().replaceAll(/\s*\n\s*/g, ' '))
}

/** What Python or the grammar says needs the expression beside it; our own sentences do not. */
export const inText = (error: unknown, text: string): unknown => {
  if (!(error instanceof JinjaProblem) || !['expression', 'expression-syntax'].includes(error.rule)) return error
  const {rule, message, why, fix} = error
  return new JinjaProblem(rule, `'${tagAround(text)}' cannot be evaluated: ${message}`, {
    ...(why !== undefined && {why}),
    ...(fix !== undefined && {fix}),
  })
}

/** An error of evaluation at the place of what was evaluated, unless it knows a better one. Other errors stay. */
export const located = (error: unknown, at: Position | undefined): any => {
  // A secret that cannot be decrypted knows its place.
  if (error instanceof InvalidInput && error.diagnostics[0]) return new EvaluationError(error.diagnostics[0])
  if (error instanceof JinjaProblem || (error instanceof EvaluationError && !error.at && at)) {
    const {rule, message, why, fix, variable} = error
    return new EvaluationError({
      rule,
      what: message,
      ...(why !== undefined && {why}),
      ...(fix !== undefined && {fix}),
      ...(variable !== undefined && {variable}),
      ...(at && {at}),
    })
  }
  return error
}

/** An error without a place, which gets that of the expression that it comes from. */
export const unplaced = (error: unknown): unknown => {
  if (!(error instanceof EvaluationError) || error.at) return error
  const {rule, message, why, fix, variable} = error
  return new JinjaProblem(rule, message, {
    ...(why !== undefined && {why}),
    ...(fix !== undefined && {fix}),
    ...(variable !== undefined && {variable}),
  })
}
