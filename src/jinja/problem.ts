/** Why a template or expression is refused or cannot be evaluated, as a clause; `offset` counts in the text of `template`. */
export class JinjaProblem extends Error {
  readonly rule: string
  readonly why: string | undefined
  readonly fix: string | undefined
  /** The variable that is undefined. */
  readonly variable: string | undefined
  offset: number | undefined
  template: string | undefined
  constructor(rule: string, what: string, more: {why?: string; fix?: string; offset?: number; variable?: string} = {}) {
    super(what)
    this.name = 'JinjaProblem'
    this.rule = rule
    this.why = more.why
    this.fix = more.fix
    this.variable = more.variable
    this.offset = more.offset
  }
}

/** Something that Python would raise while evaluating. */
export const fail = (what: string, fix?: string): never => {
  throw new JinjaProblem('expression', what, fix === undefined ? {} : {fix})
}

/** Something that Ansible does and this engine does not, with the reason. */
export const refuseIt = (what: string, why: string, fix?: string): never => {
  throw new JinjaProblem('not-supported', what, {why, ...(fix !== undefined && {fix})})
}
