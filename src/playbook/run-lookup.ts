import {Findings} from '../diagnostics/findings.ts'
import {fail} from '../jinja/problem.ts'
import {lookupProblem} from './lookups.ts'
import type {Scope} from './scope.ts'
import {parseYaml} from './yaml.ts'

/** What YAML text holds; a problem of it is told. */
export const readYamlText = (text: string): unknown => {
  const findings = new Findings()
  const value = parseYaml(text, 'the text', findings)
  const [first] = findings.all()
  return first ? fail(`it is no YAML: ${first.what}`) : value
}

/** The list that `lookup(name, …)` gives. */
export const runLookup = (
  name: string,
  terms: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
  scope: Scope,
): readonly unknown[] => {
  const problem = lookupProblem(name)
  if (problem) throw problem
  return fail(`lookup('${name}') is not built ${terms.length} ${named.size} ${scope.names().length}`)
}
