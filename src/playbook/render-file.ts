import type {Position} from '../diagnostic.ts'
import type {Names} from '../jinja/evaluator.ts'
import {type Syntax, templateSyntax} from '../jinja/lexer.ts'
import {literalOf} from '../jinja/literal-eval.ts'
import {parseTemplate} from '../jinja/parse-template.ts'
import {JinjaProblem} from '../jinja/problem.ts'
import {type Mentions, mentionsOf} from '../jinja/references.ts'
import type {Load, Source} from '../jinja/render.ts'
import {renderTemplate} from '../jinja/run.ts'
import type {Secret} from '../shell/secret.ts'
import {EvaluationError, located} from './evaluation-error.ts'
import {problemIn} from './expression.ts'
import {displayPath} from './paths.ts'

const header = '#jinja2:'

/** Settings in the first line: `#jinja2: trim_blocks: False, lstrip_blocks: True`. */
const settings = (text: string): {syntax: Syntax; text: string; skipped: number} => {
  if (!text.startsWith(header)) return {syntax: templateSyntax, text, skipped: 0}
  const end = text.includes('\n') ? text.indexOf('\n') : text.length
  let syntax = templateSyntax
  for (const pair of text.slice(header.length, end).split(',')) {
    const [, name = '', written = ''] = /^\s*(\w+)\s*:\s*(.*?)\s*$/.exec(pair) ?? []
    const value = literalOf(written)
    if (name === 'trim_blocks' && typeof value === 'boolean') syntax = {...syntax, trimBlocks: value}
    else if (name === 'lstrip_blocks' && typeof value === 'boolean') syntax = {...syntax, lstripBlocks: value}
    else if (/^(block|variable|comment)_(start|end)_string$/.test(name) && typeof value === 'string' && value !== '') {
      const [kind, side] = name.split('_') as ['block' | 'variable' | 'comment', string]
      const [start, stop] = syntax[kind]
      syntax = {...syntax, [kind]: side === 'start' ? [value, stop] : [start, value]}
    } else
      throw new JinjaProblem('not-supported', `'${pair.trim()}' in the first line of a template is not supported`, {
        fix: 'trim_blocks, lstrip_blocks and the strings that begin and end tags can be set',
        offset: 0,
      })
  }
  return {syntax, text: text.slice(end + 1), skipped: Math.min(text.length, end + 1)}
}

const placeIn = (file: string, text: string, offset: number): Position => {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return {file: displayPath(file), line, column: offset - before.lastIndexOf('\n')}
}

/** Renders a template of the project; a problem stands at its line there. `waiting` knows what must wait for facts. */
export const renderFile = (
  source: Source,
  load: Load,
  names: Names,
  waiting: (mentions: Mentions, work: () => unknown) => unknown,
): string | Secret => {
  const texts = new Map([[source.file, source.text]])
  let lead = 0
  try {
    const {syntax, text, skipped} = settings(source.text.replaceAll(/\r\n|\r/g, '\n'))
    lead = skipped
    const tree = parseTemplate(text, syntax)
    const remembered: Load = (name, from) => {
      const found = load(name, from)
      if (found) texts.set(found.file, found.text)
      return found
    }
    const mentions = mentionsOf(tree)
    const problem = problemIn(mentions)
    if (problem) throw problem
    const result = waiting(mentions, () => renderTemplate(text, tree, source.file, names, {syntax, load: remembered}))
    return result as string | Secret
  } catch (error) {
    if (error instanceof EvaluationError || !(error instanceof JinjaProblem)) throw error
    const file = error.template ?? source.file
    const text = (texts.get(file) ?? '').replaceAll(/\r\n|\r/g, '\n')
    throw located(error, placeIn(file, text, (error.offset ?? 0) + (file === source.file ? lead : 0)))
  }
}
