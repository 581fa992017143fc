/** Why encrypted text cannot be opened; `line` counts from the line of its header, from 0. */
export class VaultProblem extends Error {
  readonly rule: string
  readonly why: string | undefined
  readonly fix: string
  readonly line: number
  constructor(problem: {rule: string; what: string; why?: string; fix: string; line?: number}) {
    super(problem.what)
    this.name = 'VaultProblem'
    this.rule = problem.rule
    this.why = problem.why
    this.fix = problem.fix
    this.line = problem.line ?? 0
  }
}
