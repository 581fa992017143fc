import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {syntaxError} from './evaluation-error.ts'
import {ExpressionError, expressionProblem} from './expression.ts'
import {isMapping} from './mapping.ts'
import {parseTemplate} from './template.ts'

/** Every expression in a tree of values is one, whether anything uses it or not. */
export const checkSyntax = (tree: unknown, findings: Findings, at?: Position): void => {
  if (typeof tree === 'string') checkText(tree, findings, at)
  else if (Array.isArray(tree) || isMapping(tree))
    for (const [key, held] of Object.entries(tree)) checkSyntax(held, findings, spotOf(tree, key)?.value ?? at)
}

const checkText = (text: string, findings: Findings, at: Position | undefined): void => {
  try {
    for (const part of parseTemplate(text) ?? []) {
      const problem = typeof part === 'string' ? undefined : expressionProblem(part.expression)
      if (problem && typeof part !== 'string')
        findings.add(syntaxError(problem, part.expression, at).toDiagnostic(undefined))
    }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    findings.add(syntaxError(error, undefined, at).toDiagnostic(undefined))
  }
}
