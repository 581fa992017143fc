import {Evaluator, type Names} from './evaluator.ts'
import {Frame} from './frame.ts'
import {templateSyntax} from './lexer.ts'
import type {Body, Expression} from './nodes.ts'
import {fail} from './problem.ts'
import {type Load, Renderer, type RenderOptions} from './render.ts'
import {closeSecrets, disguised, namesEntry} from './secrets.ts'
import {NoElse, Undefined} from './values.ts'

/**
 * What `work` gives. Where it works on secrets it is done a second time with other texts in their place: what then comes out
 * different depends on them, and is a secret itself.
 */
const closed = (names: Names, work: (evaluator: Evaluator) => unknown, source = ''): unknown => {
  const evaluator = new Evaluator(names)
  const value = work(evaluator)
  if (!evaluator.tainted) return value
  if (namesEntry(value, evaluator.texts)) fail('a secret cannot be the name of an entry', 'make it a value')
  let other: unknown
  try {
    other = work(new Evaluator(names, disguised))
  } catch {
    // Only the true texts have the form that is needed, such as JSON: all that came out is secret.
  }
  return closeSecrets(value, other, text => source.includes(`'${text}'`) || source.includes(`"${text}"`))
}

/** The value of an expression, with the types of Python. Throws JinjaProblem. */
export const evaluateExpression = (tree: Expression, names: Names): unknown => {
  return closed(names, evaluator => {
    const value = evaluator.evaluate(tree, new Frame())
    if (value instanceof NoElse) return null
    if (value instanceof Undefined) throw value.error
    return value
  })
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
  const render = (evaluator: Evaluator): unknown => {
    const renderer = new Renderer({evaluator, syntax: templateSyntax, load: noTemplates, convert: true}, '')
    const value = renderer.concat(renderer.template(tree, new Frame()))
    return typeof value === 'string' ? value + missingNewlines(source, value) : value
  }
  return closed(names, render, source)
}

/** The text of a template, as the template module writes it. */
export const renderTemplate = (
  source: string,
  tree: Body,
  file: string,
  names: Names,
  options: Pick<RenderOptions, 'syntax' | 'load'>,
): unknown => {
  return closed(names, evaluator => {
    const renderer = new Renderer({...options, evaluator, convert: false}, file)
    const text = String(renderer.concat(renderer.template(tree, new Frame())))
    return text + missingNewlines(source, text)
  })
}
