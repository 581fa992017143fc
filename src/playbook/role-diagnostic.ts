import {alsoAt, type Diagnostic, type Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {Role, RoleProblem} from '../role.ts'
import {prefixOf} from './role-variables.ts'

type Call = {readonly role: Role; readonly vars: ReadonlyMap<string, unknown>; readonly at: Position | undefined}
type Fleet = {readonly host: string; readonly varsOf: (host: string) => unknown}

/** A problem that a role tells of a variable, where that stands. */
export const diagnosticOf = (
  {rule, variable, what, fix, also}: RoleProblem,
  {role, vars, at}: Call,
  {host, varsOf}: Fleet,
): Diagnostic => {
  const place = placeIn(vars.get(host), variable) ?? at
  const other = also && placeIn(varsOf(also.host), also.variable ?? variable)
  const name = Object.hasOwn(role.schema as any, 'properties') ? `${prefixOf(role.name)}${variable}` : variable
  return {
    rule,
    what: what.includes(variable) ? what : `${name}: ${what}`,
    ...(fix !== undefined && {fix}),
    host,
    ...(place && {at: place}),
    ...alsoAt(other, place),
  }
}

/** Where a variable of a role was written; of `links[0].peer`, the variable itself. */
export const placeIn = (vars: unknown, variable: string): Position | undefined =>
  typeof vars === 'object' && vars !== null ? spotOf(vars, variable.split(/[.[]/)[0] ?? variable)?.value : undefined
