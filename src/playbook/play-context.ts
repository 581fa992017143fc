import {InvalidInput, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Inventory} from '../inventory/model.ts'
import type {Handler} from '../resources/resource.ts'
import {type Condition, holds} from './conditions.ts'
import {EvaluationError, NeedsFacts, NeedsResult} from './evaluation-error.ts'
import type {Roles} from './find-role.ts'
import type {HostScopes} from './host-scopes.ts'
import type {Known} from './model.ts'
import type {RoleCalls} from './role-calls.ts'
import type {Scope} from './scope.ts'
import type {TagChoice} from './tags.ts'

/** What building plays needs of the whole run. */
export type LoadContext = {
  readonly findings: Findings
  readonly inventory: Inventory
  readonly scopes: HostScopes
  readonly roles: Roles
  readonly calls: RoleCalls
  readonly choice: TagChoice
  /** Hosts that --limit leaves. */
  readonly limit: ReadonlySet<string>
  readonly knownTags: Set<string>
  /** Where a missing variable could be put. */
  readonly home: string
  readonly become: boolean
}

/** What building entries needs of their play. */
export type PlayContext = Omit<LoadContext, 'become'> & {
  readonly index: number
  readonly directory: string
  readonly tags: readonly string[]
  /** All hosts of the play, whatever --limit says, with their variables there. */
  readonly hosts: ReadonlyMap<string, Scope>
  readonly handlers: ReadonlyMap<string, (scope: Scope) => Handler>
  readonly become: string | undefined
}

/** Evaluates before anything of the host is known: a problem is collected, a need for facts or results is no problem. */
export const attempt = <Value>(
  findings: Findings,
  host: string,
  at: Position | undefined,
  work: () => Value,
): {value: Value} | 'later' | 'broken' => {
  try {
    return {value: work()}
  } catch (error) {
    if (error instanceof NeedsFacts) {
      findings.facts.push(...error.facts.map(fact => ({fact, host, at})))
      return 'later'
    }
    if (error instanceof NeedsResult) return 'later'
    if (error instanceof EvaluationError) findings.add(error.toDiagnostic(host, at))
    else if (error instanceof InvalidInput) for (const diagnostic of error.diagnostics) findings.add(diagnostic)
    else throw error
    return 'broken'
  }
}

/** Evaluates with facts: a problem stops that host. */
export const orInvalid = <Value>(host: string, at: Position | undefined, work: () => Value): Value => {
  try {
    return work()
  } catch (error) {
    if (error instanceof EvaluationError) throw new InvalidInput([error.toDiagnostic(host, at)])
    if (error instanceof NeedsFacts)
      throw new InvalidInput([
        {rule: 'undefined-variable', what: `the fact '${error.fact}' is unknown`, host, ...(at && {at})},
      ])
    throw error
  }
}

/** Decides conditions for a host once its facts are there. */
export const decide =
  (scopes: ReadonlyMap<string, Scope>, conditions: readonly Condition[], at: Position | undefined) =>
  (host: string, known: Known): boolean => {
    const scope = scopes.get(host)
    return scope !== undefined && orInvalid(host, at, () => holds(conditions, scope.knowing(known)))
  }
