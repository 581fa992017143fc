import {InvalidInput, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Inventory} from '../inventory/model.ts'
import {EvaluationError, NeedsFacts, NeedsResult} from './evaluation-error.ts'
import type {Roles} from './find-role.ts'
import type {Handlers} from './handlers.ts'
import type {HostScopes} from './host-scopes.ts'
import type {FleetHost} from './model.ts'
import type {RawPlay} from './read-playbook.ts'
import type {Registers} from './registers.ts'
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
  readonly registers: Registers
  readonly taskIds: Map<string, number>
  /** Where a missing variable could be put. */
  readonly home: string
  readonly become: boolean
  /** How often -v was given. */
  readonly verbosity: number
  /** Every host of the inventory. */
  readonly fleet: ReadonlyMap<string, FleetHost>
  /** Roles that the running and the site playbook apply somewhere. */
  readonly appliedRoles: ReadonlySet<string>
  /** Of a drill only these scenarios. */
  readonly scenarios: readonly string[] | undefined
  /** Of a diagnosis only this flow. */
  readonly flow: string | undefined
}

/** What building entries needs of their play. */
export type PlayContext = LoadContext & {
  readonly index: number
  readonly play: RawPlay
  /** All hosts of the play, whatever --limit says, with their variables there. */
  readonly hosts: ReadonlyMap<string, Scope>
  readonly handlers: Handlers
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
    if (error instanceof EvaluationError) {
      const later = error.variable === undefined ? undefined : findings.registered.get(error.variable)
      const fix = later && `it is registered at ${later.file}:${later.line}, which is later or left out by tags`
      findings.add({...error.toDiagnostic(host, at), ...(fix !== undefined && {fix})})
    } else if (error instanceof InvalidInput) for (const diagnostic of error.diagnostics) findings.add(diagnostic)
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
