import {Evaluator, type Names} from './evaluator.ts'
import {Frame} from './frame.ts'
import {templateSyntax} from './lexer.ts'
import type {Body, Expression} from './nodes.ts'
import {fail} from './problem.ts'
import {type Load, Renderer, type RenderOptions} from './render.ts'
import {closeSecrets} from './secrets.ts'
import {NoElse, Undefined} from './values.ts'

const closed = (evaluator: Evaluator, value: unknown): unknown => (evaluator.tainted ? closeSecrets(value) : value)

/** The value of an expression, with the types of Python. Throws JinjaProblem. */
export const evaluateExpression = (tree: Expression, names: Names): unknown => {
  const evaluator = new Evaluator(names)
  const value = evaluator.evaluate(tree, new Frame())
  if (value instanceof NoElse) return null
  if (value instanceof Undefined) throw value.error
  return closed(evaluator, value)
}

const noTemplates: Load = name =>
  fail(`the template '${name}' cannot be used in a value`, 'write it in a template file')

/** Newlines at the end of the source that rendering lost. */
const missingNewlines = (source: string, result: string): string => {
  const count = (text: string): number => /\n*$/.exec(text)?.[0].length ?? 0
  return '\n'.repeat(Math.max(0, count(source) - count(result)))
}

/** What Ansible makes of a text in YAML: text, or the list, mapping or bool that the text looks like. */
export const renderValue = (source: string, tree: Body, names: Names): unknown => {
  const evaluator = new Evaluator(names)
  const renderer = new Renderer({evaluator, syntax: templateSyntax, load: noTemplates, convert: true}, '')
  const value = renderer.concat(renderer.template(tree, new Frame()))
  return closed(evaluator, typeof value === 'string' ? value + missingNewlines(source, value) : value)
}

/** The text of a template, as the template module writes it. */
export const renderTemplate = (
  source: string,
  tree: Body,
  file: string,
  names: Names,
  options: Pick<RenderOptions, 'syntax' | 'load'>,
): unknown => {
  const evaluator = new Evaluator(names)
  const renderer = new Renderer({...options, evaluator, convert: false}, file)
  const text = String(renderer.concat(renderer.template(tree, new Frame())))
  return closed(evaluator, text + missingNewlines(source, text))
}
