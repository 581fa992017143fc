/** One use of a variable: `hostvars['gw2'].links` is root `hostvars`, parts `gw2`, `links`. */
export type Reference = {
  readonly root: string
  readonly parts: readonly (string | number)[]
  /** Parts that are computed follow. */
  readonly open: boolean
  /** `x is defined` or `x | default(…)`. */
  readonly guarded: boolean
}

/** What an expression names, found without evaluating it. */
export type Names = {
  readonly references: readonly Reference[]
  readonly filters: readonly string[]
  readonly tests: readonly string[]
  /** The whole expression is one reference. */
  readonly path: Reference | undefined
}

const token = /\s+|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\d+(?:\.\d+)?|\/\/|\*\*|[=!<>]=|./gsu
const words = new Set(
  'and or not in is if else elif true false none True False None recursive import as with'.split(' '),
)
const isName = (text: string | undefined): text is string => text !== undefined && /^[A-Za-z_]\w*$/.test(text)
const isText = (text: string | undefined): text is string => text !== undefined && /^["']/.test(text)
const unquote = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/g, '$1')

/** Splits an expression into words, strings, numbers and signs. */
export const tokens = (expression: string): string[] =>
  (expression.match(token) ?? []).filter(text => text.trim() !== '')

const readPath = (all: readonly string[], from: number): {parts: (string | number)[]; open: boolean; next: number} => {
  const parts: (string | number)[] = []
  let at = from
  for (;;) {
    const [first, second, third] = [all[at], all[at + 1], all[at + 2]]
    if (first === '.' && isName(second) && third !== '(') {
      parts.push(second)
      at += 2
    } else if (first === '[' && isText(second) && third === ']') {
      parts.push(unquote(second))
      at += 3
    } else if (first === '[' && second !== undefined && /^\d+$/.test(second) && third === ']') {
      parts.push(Number(second))
      at += 3
    } else return {parts, open: first === '[' || first === '.', next: at}
  }
}

const guards = (all: readonly string[], next: number): boolean => {
  if (all[next] === '|') return ['default', 'd'].includes(all[next + 1] ?? '')
  if (all[next] !== 'is') return false
  return ['defined', 'undefined'].includes(all[all[next + 1] === 'not' ? next + 2 : next + 1] ?? '')
}

const dotted = (all: readonly string[], from: number): {name: string; next: number} => {
  let name = all[from] ?? ''
  let next = from + 1
  while (all[next] === '.' && isName(all[next + 1])) {
    name += `.${all[next + 1]}`
    next += 2
  }
  return {name, next}
}

/** Finds the variables, filters and tests that an expression names. */
export const namesIn = (expression: string): Names => {
  const all = tokens(expression)
  const references: Reference[] = []
  const filters: string[] = []
  const tests: string[] = []
  let path: Reference | undefined
  for (let at = 0; at < all.length; ) {
    const text = all[at]
    const before = all[at - 1]
    if (text === '|' && isName(all[at + 1])) {
      const filter = dotted(all, at + 1)
      filters.push(filter.name)
      at = filter.next
    } else if (text === 'is') {
      const start = all[at + 1] === 'not' ? at + 2 : at + 1
      const test = dotted(all, start)
      if (isName(all[start])) tests.push(test.name)
      at = test.next
    } else if (
      !isName(text) ||
      words.has(text) ||
      before === '.' ||
      (all[at + 1] === '=' && (before === '(' || before === ','))
    ) {
      at++
    } else if (all[at + 1] === '(') {
      at++
    } else {
      const {parts, open, next} = readPath(all, at + 1)
      const reference = {root: text, parts, open, guarded: guards(all, next)}
      references.push(reference)
      if (at === 0 && next === all.length) path = reference
      at = next
    }
  }
  return {references, filters, tests, path}
}
