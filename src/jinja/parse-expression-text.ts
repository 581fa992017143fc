import {Lexer, templateSyntax} from './lexer.ts'
import type {Expression} from './nodes.ts'
import {Parser} from './parse-expression.ts'
import {JinjaProblem} from './problem.ts'

/** Reads text that is one expression, such as a condition. Throws JinjaProblem. */
export const parseExpression = (source: string, rawStrings = false): Expression => {
  if (source.trim() === '') throw new JinjaProblem('expression-syntax', 'the expression is empty')
  const parser = new Parser(new Lexer(source, {...templateSyntax, rawStrings}).expression())
  const expression = parser.tuple()
  if (parser.current.type !== 'eof') parser.fail(`'${parser.current.value}' is not expected here`)
  return expression
}
