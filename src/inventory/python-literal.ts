/** A literal of Python that has no counterpart in YAML or JSON: bytes, a set, a complex number. */
export class NoCounterpart extends Error {}

/** Text that is no literal. */
class NoLiteral extends Error {}

const escapes: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}
const escape = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g
const unescape = (text: string): string =>
  text.replaceAll(escape, (whole, octal, two, four, eight, other) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    const hex: string | undefined = two ?? four ?? eight
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (other === 'N') throw new NoCounterpart('a character by its name')
    if ('xuU'.includes(other)) throw new NoLiteral()
    return escapes[other] ?? whole
  })

const digits = '[0-9](?:_?[0-9])*'
const token = new RegExp(
  [
    String.raw`[ \t\f]+|#.*`,
    String.raw`(?<text>(?<prefix>[rRuUbBfF]{0,2})(?:"""(?<d3>(?:[^\\]|\\[\s\S])*?)"""|'''(?<s3>(?:[^\\]|\\[\s\S])*?)'''|"(?<d>(?:[^"\\]|\\.)*)"|'(?<s>(?:[^'\\]|\\.)*)'))`,
    `(?<float>(?:${digits}\\.(?:${digits})?|\\.${digits})(?:[eE][-+]?${digits})?|${digits}[eE][-+]?${digits})(?<imaginary>[jJ])?`,
    String.raw`(?<integer>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*(?!_?[0-9])|[1-9](?:_?[0-9])*)(?<imaginary2>[jJ])?`,
    String.raw`(?<name>\p{L}[\p{L}\p{N}_]*)`,
    String.raw`(?<sign>[-+()[\]{},:])`,
  ].join('|'),
  'yu',
)
type Token = Readonly<Record<string, string | undefined>>

const tokens = (text: string): readonly Token[] => {
  const found: Token[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const match = token.exec(text)
    if (!match) throw new NoLiteral()
    const {groups = {}} = match
    if (Object.values(groups).some(group => group !== undefined)) found.push(groups)
  }
  return found
}

/** Reads what Python's `ast.literal_eval` accepts. */
class Reader {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(text: string) {
    this.#tokens = tokens(text.replace(/^[ \t]+/, ''))
  }

  whole(): unknown {
    const value = this.#list(undefined)
    if (this.#next < this.#tokens.length) throw new NoLiteral()
    return value
  }

  #sign(): string | undefined {
    return this.#tokens[this.#next]?.['sign']
  }

  #take(sign: string): boolean {
    if (this.#sign() !== sign) return false
    this.#next++
    return true
  }

  /** Values up to `end`; one without a comma is itself, not a list. */
  #list(end: string | undefined): unknown {
    const items: unknown[] = []
    for (;;) {
      const closed = end === undefined ? this.#next >= this.#tokens.length : this.#take(end)
      if (closed) {
        if (items.length === 0 && end !== ')' && end !== ']') throw new NoLiteral()
        return items
      }
      items.push(this.#value())
      if (this.#take(',')) continue
      const ends = end === undefined ? this.#next >= this.#tokens.length : this.#take(end)
      if (!ends) throw new NoLiteral()
      return items.length === 1 && end !== ']' ? items[0] : items
    }
  }

  #value(): unknown {
    const first = this.#tokens[this.#next++]
    if (!first) throw new NoLiteral()
    if (first['text'] !== undefined) return this.#text(first)
    if (first['float'] !== undefined || first['integer'] !== undefined) return number(first)
    const {name, sign} = first
    if (name !== undefined) {
      if (name === 'True' || name === 'False') return name === 'True'
      if (name === 'None') return null
      throw new NoLiteral()
    }
    if (sign === '(') return this.#list(')')
    if (sign === '[') return this.#list(']')
    if (sign === '{') return this.#mapping()
    if (sign !== '-' && sign !== '+') throw new NoLiteral()
    const value = ['-', '+'].includes(this.#sign() ?? '') ? undefined : this.#value()
    if (typeof value !== 'number') throw new NoLiteral()
    return sign === '-' ? 0 - value : value
  }

  /** Texts that stand beside each other are one. */
  #text(first: Token): string {
    let text = content(first)
    for (let next = this.#tokens[this.#next]; next?.['text'] !== undefined; next = this.#tokens[++this.#next])
      text += content(next)
    return text
  }

  #mapping(): unknown {
    const entries: [string, unknown][] = []
    while (!this.#take('}')) {
      const key = this.#value()
      if (!this.#take(':')) {
        if ([',', '}'].includes(this.#sign() ?? '')) throw new NoCounterpart('a set')
        throw new NoLiteral()
      }
      if (typeof key === 'object' && key !== null) throw new NoCounterpart('a mapping with a list as its key')
      entries.push([String(key), this.#value()])
      if (!this.#take(',') && this.#sign() !== '}') throw new NoLiteral()
    }
    return Object.fromEntries(entries)
  }
}

const content = (token: Token): string => {
  const prefix = (token['prefix'] ?? '').toLowerCase()
  if (prefix.includes('b')) throw new NoCounterpart('bytes')
  if (!['', 'r', 'u'].includes(prefix)) throw new NoLiteral()
  const text = token['d3'] ?? token['s3'] ?? token['d'] ?? token['s'] ?? ''
  return prefix === 'r' ? text : unescape(text)
}

const number = (token: Token): number => {
  if (token['imaginary'] ?? token['imaginary2']) throw new NoCounterpart('a complex number')
  const value = Number((token['float'] ?? token['integer'] ?? '').replaceAll('_', ''))
  if (token['integer'] !== undefined && !Number.isSafeInteger(value))
    throw new NoCounterpart('a number with more than 15 digits')
  return value
}

/** The value of a Python literal, the text itself where it is none. Throws NoCounterpart. */
export const pythonLiteral = (text: string): unknown => {
  try {
    if (/^[ \t]*set\s*\(\s*\)\s*(#.*)?$/.test(text)) throw new NoCounterpart('a set')
    return new Reader(text).whole()
  } catch (error) {
    if (error instanceof NoLiteral) return text
    throw error
  }
}
