import {JinjaProblem} from './problem.ts'
import {float, int} from './values.ts'

export type Token = {
  readonly type: 'data' | 'begin' | 'end' | 'print' | 'close' | 'name' | 'text' | 'number' | 'sign' | 'eof'
  readonly value: string
  /** Of a number. */
  readonly number?: unknown
  readonly at: number
}

/** How Ansible sets Jinja up: a newline after a tag is dropped. `rawStrings`: in a value of YAML, \ in {{ '…' }} is itself. */
export type Syntax = {
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
  readonly block: readonly [string, string]
  readonly variable: readonly [string, string]
  readonly comment: readonly [string, string]
  readonly rawStrings: boolean
}

export const templateSyntax: Syntax = {
  trimBlocks: true,
  lstripBlocks: false,
  block: ['{%', '%}'],
  variable: ['{{', '}}'],
  comment: ['{#', '#}'],
  rawStrings: false,
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
const inTag =
  /(?<space>\s+)|(?<float>(?<!\.)\d+(?:_\d+)*(?:\.\d+(?:_\d+)*(?:e[+-]?\d+(?:_\d+)*)?|e[+-]?\d+(?:_\d+)*))|(?<int>0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<sign>\*\*|\/\/|==|!=|>=|<=|[-+*/%~[\](){}<>=.:|,;])/iuy
const plainEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** A string of Jinja without its quotes and escapes; Python keeps a backslash that escapes nothing. */
const unescape = (text: string, at: number): string =>
  text.replaceAll(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|(.))/gisu,
    (whole, x, u, U, octal, sign) => {
      if (whole[1] === 'X') return whole
      const code = x ?? u ?? U
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16))
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
      if (sign === 'N') throw new JinjaProblem('expression-syntax', '\\N{…} is not supported', {offset: at})
      return plainEscapes[sign] ?? whole
    },
  )

/** Splits the text of a template into data and the words of its tags. */
export class Lexer {
  readonly #source: string
  readonly #syntax: Syntax
  readonly #tokens: Token[] = []
  readonly #opening: RegExp
  #at = 0

  constructor(source: string, syntax: Syntax) {
    this.#source = source
    this.#syntax = syntax
    const [block, variable, comment] = [syntax.block[0], syntax.variable[0], syntax.comment[0]]
    const starts = [block, variable, comment].toSorted((a, b) => b.length - a.length).map(escaped)
    this.#opening = new RegExp(
      `(?<raw>${escaped(block)}(?<rawSign>[-+]?)\\s*raw\\s*(?:-${escaped(syntax.block[1])}\\s*|${escaped(syntax.block[1])}))|(?<tag>${starts.join('|')})(?<sign>[-+]?)`,
      'gu',
    )
  }

  run(): readonly Token[] {
    while (this.#at < this.#source.length) {
      this.#opening.lastIndex = this.#at
      const found = this.#opening.exec(this.#source)
      if (!found) {
        this.#data(this.#source.slice(this.#at), '')
        break
      }
      const {raw, rawSign = '', tag = '', sign = ''} = found.groups ?? {}
      const isVariable = raw === undefined && tag === this.#syntax.variable[0]
      this.#data(this.#source.slice(this.#at, found.index), raw === undefined ? sign : rawSign, isVariable)
      this.#at = found.index + found[0].length
      if (raw !== undefined) this.#raw(found.index)
      else if (tag === this.#syntax.comment[0]) this.#comment(found.index)
      else this.#tag(tag === this.#syntax.block[0], found.index)
    }
    this.#tokens.push({type: 'eof', value: '', at: this.#source.length})
    return this.#tokens
  }

  #data(text: string, sign: string, isVariable = false): void {
    let kept = text
    if (sign === '-') kept = text.replace(/\s+$/u, '')
    else if (sign !== '+' && this.#syntax.lstripBlocks && !isVariable) {
      const line = text.lastIndexOf('\n') + 1
      const begins = line > 0 || this.#at === 0 || this.#source[this.#at - 1] === '\n'
      if (begins && text.length > line && /^\s*$/u.test(text.slice(line))) kept = text.slice(0, line)
    }
    if (kept !== '') this.#tokens.push({type: 'data', value: kept, at: this.#at})
  }

  /** The end of a tag with the white space that goes with it. */
  #ending(end: string, before = ''): RegExp {
    const newline = this.#syntax.trimBlocks ? '\\n?' : ''
    return new RegExp(`${before}(?:\\+${escaped(end)}|-${escaped(end)}\\s*|${escaped(end)}${newline})`, 'suy')
  }

  #fail(what: string, at: number, fix: string): never {
    throw new JinjaProblem('expression-syntax', what, {offset: at, fix})
  }

  #comment(start: number): void {
    const ending = this.#ending(this.#syntax.comment[1], '.*?')
    ending.lastIndex = this.#at
    if (!ending.test(this.#source))
      this.#fail(`'${this.#syntax.comment[0]}' is never closed`, start, `add ${this.#syntax.comment[1]}`)
    this.#at = ending.lastIndex
  }

  #raw(start: number): void {
    const ending = this.#ending(this.#syntax.block[1], `(.*?)${escaped(this.#syntax.block[0])}([-+]?)\\s*endraw\\s*`)
    ending.lastIndex = this.#at
    const found = ending.exec(this.#source)
    if (!found) return this.#fail('{% raw %} is never closed', start, 'add {% endraw %}')
    this.#data(found[1] ?? '', found[2] ?? '')
    this.#at = ending.lastIndex
  }

  #tag(isBlock: boolean, start: number): void {
    const {block, variable, rawStrings} = this.#syntax
    const end = isBlock
      ? this.#ending(block[1])
      : new RegExp(`-${escaped(variable[1])}\\s*|${escaped(variable[1])}`, 'uy')
    this.#tokens.push({type: isBlock ? 'begin' : 'print', value: '', at: start})
    const open: string[] = []
    for (;;) {
      end.lastIndex = this.#at
      if (open.length === 0 && end.test(this.#source)) {
        this.#tokens.push({type: isBlock ? 'end' : 'close', value: '', at: this.#at})
        this.#at = end.lastIndex
        return
      }
      if (this.#at >= this.#source.length)
        this.#fail(
          `'${isBlock ? block[0] : variable[0]}' is never closed`,
          start,
          `add ${isBlock ? block[1] : variable[1]}`,
        )
      this.#at = this.#word(open, rawStrings && !isBlock)
    }
  }

  /** Text that is one expression, without tags around it. */
  expression(): readonly Token[] {
    const open: string[] = []
    while (this.#at < this.#source.length) this.#at = this.#word(open, this.#syntax.rawStrings)
    this.#tokens.push({type: 'eof', value: '', at: this.#source.length})
    return this.#tokens
  }

  #word(open: string[], rawStrings: boolean): number {
    const at = this.#at
    inTag.lastIndex = at
    const found = inTag.exec(this.#source)
    const sign = this.#source[at] ?? ''
    if (!found)
      return /["']/.test(sign)
        ? this.#fail('a text has no closing quote', at, `add ${sign}`)
        : this.#fail(`'${sign}' is no part of an expression`, at, 'check quotes, brackets and operators')
    const value = found[0]
    const groups = found.groups ?? {}
    if (groups['sign'] !== undefined) {
      if ('([{'.includes(value)) open.push({'(': ')', '[': ']', '{': '}'}[value] ?? '')
      else if (')]}'.includes(value) && open.pop() !== value)
        this.#fail(`'${value}' closes nothing`, at, 'check the brackets')
      this.#tokens.push({type: 'sign', value, at})
    } else if (groups['name'] !== undefined) this.#tokens.push({type: 'name', value, at})
    else if (groups['text'] !== undefined) this.#text(value, rawStrings, at)
    else if (groups['float'] !== undefined)
      this.#tokens.push({type: 'number', value, number: float(Number(value.replaceAll('_', ''))), at})
    else if (groups['int'] !== undefined)
      this.#tokens.push({type: 'number', value, number: int(BigInt(value.replaceAll('_', ''))), at})
    return at + value.length
  }

  #text(value: string, rawStrings: boolean, at: number): void {
    const inner = value.slice(1, -1)
    if (rawStrings && (inner.includes(`\\${value[0]}`) || inner.endsWith('\\')))
      this.#fail(
        `in a value, \\ before a quote does not protect it`,
        at,
        'Ansible doubles every backslash of {{ }} in YAML: use the other kind of quotes',
      )
    this.#tokens.push({type: 'text', value: rawStrings ? inner : unescape(inner, at), at})
  }
}
