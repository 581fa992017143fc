import {knowsFilter, knowsTest, unknownFilter, unknownTest} from '../jinja/evaluator.ts'
import {globals} from '../jinja/globals.ts'
import {type Syntax, templateSyntax} from '../jinja/lexer.ts'
import type {Body, Expression} from '../jinja/nodes.ts'
import {parseExpression} from '../jinja/parse-expression-text.ts'
import {parseTemplate} from '../jinja/parse-template.ts'
import {JinjaProblem} from '../jinja/problem.ts'
import {type Mentions, mentionsOf} from '../jinja/references.ts'
import {lookupProblem} from './lookups.ts'

/** In values of YAML, Ansible takes \ inside of {{ '…' }} for itself. */
export const valueSyntax: Syntax = {...templateSyntax, rawStrings: true}

export const isTemplate = (text: string): boolean => /\{[{%#]/.test(text)

/** Whether any text in a value is one. */
export const holdsTemplate = (tree: unknown): boolean =>
  typeof tree === 'string'
    ? isTemplate(tree)
    : typeof tree === 'object' && tree !== null && Object.values(tree).some(holdsTemplate)

/** A text of the project that was read once. */
export type Read<Tree> = {
  readonly tree: Tree
  readonly mentions: Mentions
  /** Why it can never be evaluated, whatever its variables are. */
  readonly problem: JinjaProblem | undefined
}

const remember = <Tree>(read: (text: string) => Read<Tree>): ((text: string) => Read<Tree>) => {
  const known = new Map<string, Read<Tree> | {error: unknown}>()
  return text => {
    let found = known.get(text)
    if (!found) {
      try {
        found = read(text)
      } catch (error) {
        found = {error}
      }
      known.set(text, found)
    }
    if ('error' in found) throw found.error
    return found
  }
}

/** Filters, tests, functions and lookups that do not exist. */
export const problemIn = ({filters, tests, lookups}: Mentions): JinjaProblem | undefined => {
  for (const {name, at} of filters) if (!knowsFilter(name)) return placed(unknownFilter(name), at)
  for (const {name, at} of tests) if (!knowsTest(name)) return placed(unknownTest(name), at)
  for (const {name, at} of lookups) {
    const problem = lookupProblem(name)
    if (problem) return placed(problem, at)
  }
  return undefined
}
const placed = (problem: JinjaProblem, at: number): JinjaProblem => {
  problem.offset ??= at
  return problem
}

/** Reads text with `{{ }}` and `{% %}` in it, as it stands in YAML. Throws JinjaProblem. */
export const readValue = remember<Body>(text => {
  const tree = parseTemplate(text, valueSyntax)
  const mentions = mentionsOf(tree)
  return {tree, mentions, problem: problemIn(mentions)}
})

/** Reads a condition or another text that is an expression without `{{ }}`. Throws JinjaProblem. */
export const readExpression = remember<Expression>(text => {
  const tree = parseExpression(text)
  const mentions = mentionsOf([{kind: 'print', value: tree, at: 0}])
  return {tree, mentions, problem: problemIn(mentions)}
})

export const isGlobal = (name: string): boolean =>
  Object.hasOwn(globals, name) || ['lookup', 'query', 'q'].includes(name)
