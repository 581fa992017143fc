import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {markEntry} from '../diagnostics/positions.ts'
import type {Role} from '../role.ts'
import {coerceParameters} from './coerce-parameters.ts'
import {EvaluationError, NeedsFacts} from './evaluation-error.ts'
import {holdsTemplate} from './expression.ts'
import {copyTree} from './mapping.ts'
import type {Scope} from './scope.ts'
import {validate} from './validate.ts'

export type RoleUse = {
  readonly host: string
  readonly scope: Scope
  /** Where the role is called. */
  readonly at: Position | undefined
  /** Names of other roles, of which one may begin with this one's. */
  readonly others: readonly string[]
  /** A file to which a missing variable could be added. */
  readonly home: string
}

/** `vrrp_` for the role `vrrp`; a dash cannot stand in a variable. */
export const prefixOf = (role: string): string => `${role.replaceAll('-', '_')}_`

/** The validated variables of a role on one host, with defaults; undefined after a problem. */
export const roleVariables = (
  role: Role,
  use: RoleUse,
  findings: Findings,
): Readonly<Record<string, any>> | undefined => {
  const {host, scope, at, others, home} = use
  const prefix = prefixOf(role.name)
  const longer = others.map(prefixOf).filter(other => other !== prefix && other.startsWith(prefix))
  const vars: Record<string, unknown> = {}
  let complete = true
  for (const name of scope.names()) {
    if (!name.startsWith(prefix) || longer.some(other => name.startsWith(other))) continue
    const spot = scope.definition(name)?.spot
    try {
      const short = name.slice(prefix.length)
      const value = copyTree(scope.lookup(name))
      const part = (role.schema as {properties?: Readonly<Record<string, object>>}).properties?.[short]
      // What an expression gives is text, as with Ansible, whose modules read numbers from text too.
      vars[short] = part && holdsTemplate(scope.definition(name)?.value) ? coerceParameters(part, value) : value
      if (spot) markEntry(vars, short, spot)
    } catch (error) {
      complete = false
      if (error instanceof EvaluationError) findings.add(error.toDiagnostic(host, spot?.value ?? at))
      else if (error instanceof NeedsFacts)
        findings.add({
          rule: 'role-variable-facts',
          what: `'${name}' uses the fact '${error.fact}'`,
          why: 'variables of roles are final before the first connection',
          fix: 'use inventory variables; the role decides on facts in its view.ts',
          host,
          ...(spot && {at: spot.value}),
        })
      else throw error
      continue
    }
  }
  const problems = validate(role.schema as object, vars, {
    noun: 'variable',
    prefix,
    owner: `the role '${role.name}'`,
    seal: true,
    at,
    missing: name => `set '${prefix}${name}' in ${home}`,
  }).filter(problem => complete || problem.rule !== 'missing-variable')
  for (const problem of problems) {
    const fromText = problem.at?.file.startsWith('-e ') && problem.why?.includes('the text')
    findings.add({
      ...problem,
      host,
      ...(fromText && {
        fix: `${problem.fix ? `${problem.fix}; ` : ''}-e name=value is always text, write -e '{name: value}'`,
      }),
    })
  }
  return complete && problems.length === 0 ? vars : undefined
}
