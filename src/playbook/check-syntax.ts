import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {JinjaProblem} from '../jinja/problem.ts'
import {inText, located} from './evaluation-error.ts'
import {isTemplate, readValue} from './expression.ts'
import {isMapping} from './mapping.ts'
import {Sealed} from './yaml-scalar.ts'

/** Every expression in a tree of values is one, whether anything uses it or not. */
export const checkSyntax = (tree: unknown, findings: Findings, at?: Position): void => {
  if (typeof tree === 'string') checkText(tree, findings, at)
  else if (tree instanceof Sealed) checkText(tree.text, findings, at)
  else if (Array.isArray(tree) || isMapping(tree))
    for (const [key, held] of Object.entries(tree)) checkSyntax(held, findings, spotOf(tree, key)?.value ?? at)
}

const checkText = (text: string, findings: Findings, at: Position | undefined): void => {
  if (!isTemplate(text)) return
  const report = (problem: JinjaProblem): void =>
    findings.add(located(inText(problem, text), at).toDiagnostic(undefined))
  try {
    const {problem} = readValue(text)
    if (problem) report(problem)
  } catch (error) {
    if (!(error instanceof JinjaProblem)) throw error
    report(error)
  }
}
