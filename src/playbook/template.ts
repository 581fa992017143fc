import {ExpressionError} from './expression.ts'

export type TemplatePart = string | {readonly expression: string}

const isTemplate = /\{[{%#]/

/** Where the `}}` of an expression that begins at `from` stands; strings and braces inside are skipped. */
const closing = (text: string, from: number): number => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign === '"' || sign === "'") {
      for (at++; at < text.length && text[at] !== sign; at++) if (text[at] === '\\') at++
    } else if (sign === '{') depth++
    else if (sign === '}' && depth > 0) depth--
    else if (sign === '}' && text[at + 1] === '}') return at
  }
  return -1
}

const parse = (text: string): readonly TemplatePart[] => {
  const parts: TemplatePart[] = []
  let rest = 0
  for (;;) {
    const found = text.slice(rest).search(isTemplate)
    if (found < 0) break
    const open = rest + found
    if (open > rest) parts.push(text.slice(rest, open))
    const kind = text[open + 1]
    if (kind === '%')
      throw new ExpressionError(
        'not-supported',
        'statements ({% … %}) in values are not supported yet',
        'use an expression such as {{ a if b else c }}, or mark the value !unsafe when it is plain text',
      )
    const end = kind === '#' ? text.indexOf('#}', open) : closing(text, open + 2)
    if (end < 0)
      throw new ExpressionError(
        'expression-syntax',
        `'${text.slice(open, open + 2)}' is never closed`,
        'add }} (or #})',
      )
    if (kind === '{')
      parts.push({
        expression: text
          .slice(open + 2, end)
          .replace(/^-|-$/g, '')
          .trim(),
      })
    rest = end + 2
  }
  if (rest < text.length) parts.push(text.slice(rest))
  return parts
}

const known = new Map<string, readonly TemplatePart[]>()

/** Text without `{{` gives undefined, other text its parts. Throws ExpressionError. */
export const parseTemplate = (text: string): readonly TemplatePart[] | undefined => {
  if (!isTemplate.test(text)) return undefined
  const parts = known.get(text) ?? parse(text)
  known.set(text, parts)
  return parts
}
