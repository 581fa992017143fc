import {negate} from './arithmetic.ts'
import type {Expression} from './nodes.ts'
import {parseExpression} from './parse-expression-text.ts'
import {JinjaProblem, refuseIt} from './problem.ts'
import {dictOf, isNumber, Tuple} from './values.ts'

class NoLiteral extends Error {}

const json: Readonly<Record<string, unknown>> = {null: null}

const literal = (node: Expression): unknown => {
  if (node.kind === 'constant') return node.value
  if (node.kind === 'name' && Object.hasOwn(json, node.name)) return json[node.name]
  if (node.kind === 'list') return node.items.map(literal)
  if (node.kind === 'tuple') return Tuple.from(node.items, literal)
  if (node.kind === 'dict') return dictOf(node.entries.map(([key, value]) => [literal(key), literal(value)] as const))
  if (node.kind === 'minus' || node.kind === 'plus') {
    const value = literal(node.of)
    if (isNumber(value) && typeof value !== 'boolean') return node.kind === 'minus' ? negate(value) : value
  }
  throw new NoLiteral()
}

/** The value of a literal of Python; undefined for text that is none. */
export const literalOf = (text: string): unknown => {
  try {
    return literal(parseExpression(text))
  } catch (error) {
    if (error instanceof NoLiteral || error instanceof JinjaProblem) return undefined
    throw error
  }
}

const isSet = (text: string): boolean => {
  const items = literalOf(`[${text.trim().slice(1, -1)}]`)
  return text.trim().endsWith('}') && Array.isArray(items) && items.length > 0
}

/**
 * What Ansible makes of the text that a template in YAML gave: text that reads as a list, a mapping or a bool is one,
 * all other text stays text.
 */
export const convertText = (text: string): unknown => {
  if (text === 'True') return true
  if (text === 'False') return false
  if (!/^[{[]/.test(text)) return text
  // Python's none of these names: they are Jinja's.
  if (/(?<![\w'"])none(?![\w'"])/.test(text)) return text
  const value = literalOf(text)
  if (value === undefined && text.startsWith('{') && isSet(text))
    return refuseIt(
      'text that looks like a set is not supported',
      'Ansible makes a set of it, whose order is not certain',
      'put a space before it',
    )
  return value === undefined ? text : value
}
