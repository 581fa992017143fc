import type {Diagnostic, Position} from '../diagnostic.ts'

/** A value that cannot be evaluated; `at` is the place of the expression itself, perhaps in another variable. */
export class EvaluationError extends Error {
  readonly rule: string
  readonly why: string | undefined
  readonly fix: string | undefined
  readonly at: Position | undefined
  constructor({rule, what, why, fix, at}: Omit<Diagnostic, 'host'>) {
    super(what)
    this.name = 'EvaluationError'
    this.rule = rule
    this.why = why
    this.fix = fix
    this.at = at
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
  readonly fact: string
  constructor(fact: string) {
    super(`'${fact}' is a fact`)
    this.name = 'NeedsFacts'
    this.fact = fact
  }
}
