import {type Diagnostic, InvalidInput, type Position} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {sorted} from '../inventory/inventory-json.ts'
import {EvaluationError, NeedsFacts} from './evaluation-error.ts'
import type {Scope} from './scope.ts'

/** One place that gives a variable a value. */
export type Definition = {readonly layer: string; readonly at?: Position; readonly value: unknown}

export type Explanation = {
  readonly host: string
  readonly name: string
  /** From the weakest to the strongest: the last one wins. None for what the engine itself gives a value. */
  readonly definitions: readonly Definition[]
  readonly value?: unknown
  /** Why there is no value. */
  readonly problem?: string
}

/** What is secret shows as such, whatever the file has for it. */
const shown = (value: unknown): unknown => sorted(JSON.parse(JSON.stringify(value) ?? 'null'))

const definitionsOf = (scope: Scope, name: string): readonly Definition[] =>
  scope
    .layers()
    .filter(({vars}) => Object.hasOwn(vars, name))
    .map(({name: layer, vars}) => {
      const at = spotOf(vars, name)?.key
      return {layer, ...(at && {at}), value: sorted(vars[name])}
    })

/** Every place that gives a variable of a host a value, and the value. Throws InvalidInput for an unknown name. */
export const explainVariable = (host: string, name: string, scope: Scope): Explanation => {
  const definitions = definitionsOf(scope, name)
  try {
    return {host, name, definitions, value: shown(definitions.length ? scope.lookup(name) : scope.evaluate(name))}
  } catch (error) {
    if (error instanceof NeedsFacts && definitions.length > 0)
      return {host, name, definitions, problem: `known in a run only: ${error.message}`}
    if (!(error instanceof EvaluationError || error instanceof NeedsFacts)) throw error
    if (definitions.length === 0) throw new InvalidInput([unknown(host, name, scope)])
    const {what, why} = (error as EvaluationError).toDiagnostic(host, undefined)
    return {host, name, definitions, problem: [what, why].filter(Boolean).join(', ')}
  }
}

const unknown = (host: string, name: string, scope: Scope): Diagnostic => {
  const fix = suggest(name, scope.names().toSorted())
  return {
    rule: 'undefined-variable',
    what: `no inventory, file or option gives '${name}' a value`,
    host,
    ...(fix && {fix}),
  }
}

/** The strongest definition of every variable of a host, by name. */
export const explainAll = (scope: Scope): readonly (Definition & {readonly name: string})[] =>
  scope
    .names()
    .toSorted()
    .flatMap(name =>
      definitionsOf(scope, name)
        .slice(-1)
        .map(definition => ({name, ...definition})),
    )
