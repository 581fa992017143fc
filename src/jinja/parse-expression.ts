import type {Token} from './lexer.ts'
import type {Arguments, Expression} from './nodes.ts'
import {JinjaProblem} from './problem.ts'
import {Tuple} from './values.ts'

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>='])
const constants: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
}

/** Reads the words of a template one after the other, and expressions as Jinja's own parser does. */
export class Parser {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get current(): Token {
    return this.#tokens[this.#next] as Token
  }
  get following(): Token {
    return this.#tokens[Math.min(this.#next + 1, this.#tokens.length - 1)] as Token
  }
  take(): Token {
    const token = this.current
    if (token.type !== 'eof') this.#next++
    return token
  }
  isSign(value: string): boolean {
    return this.current.type === 'sign' && this.current.value === value
  }
  isName(...values: string[]): boolean {
    return this.current.type === 'name' && (values.length === 0 || values.includes(this.current.value))
  }
  skipSign(value: string): boolean {
    if (!this.isSign(value)) return false
    this.take()
    return true
  }
  skipName(value: string): boolean {
    if (!this.isName(value)) return false
    this.take()
    return true
  }
  fail(what: string, fix = 'check quotes, brackets and operators', at = this.current.at): never {
    throw new JinjaProblem('expression-syntax', what, {fix, offset: at})
  }
  unexpected(wanted: string): never {
    const {type, value} = this.current
    const found = type === 'eof' || type === 'end' || type === 'close' ? 'it ends' : `'${value || type}' stands`
    return this.fail(`${wanted} is missing: ${found} here`)
  }
  expectSign(value: string): void {
    if (!this.skipSign(value)) this.unexpected(`'${value}'`)
  }
  expectName(): string {
    return this.isName() ? this.take().value : this.unexpected('a name')
  }

  expression(withChoice = true): Expression {
    return withChoice ? this.#choice() : this.#or()
  }

  /** Values with commas between them are a tuple, as in `for k, v in a, b`. */
  tuple(withChoice = true, ends: readonly string[] = []): Expression {
    const {at} = this.current
    const items: Expression[] = []
    let commas = false
    for (;;) {
      if (this.#ended() || (this.current.type === 'name' && ends.includes(this.current.value))) break
      items.push(this.expression(withChoice))
      if (!this.skipSign(',')) break
      commas = true
    }
    const [only] = items
    if (!commas && only) return only
    if (items.length === 0) return this.unexpected('an expression')
    return {kind: 'tuple', items, at}
  }

  #ended(): boolean {
    return ['end', 'close', 'eof'].includes(this.current.type) || this.isSign(')')
  }

  #choice(): Expression {
    let value = this.#or()
    while (this.isName('if')) {
      const {at} = this.take()
      const test = this.#or()
      const no = this.skipName('else') ? this.#choice() : undefined
      value = {kind: 'choice', test, yes: value, no, at}
    }
    return value
  }

  #or(): Expression {
    let left = this.#and()
    while (this.isName('or')) {
      const {at} = this.take()
      left = {kind: 'or', left, right: this.#and(), at}
    }
    return left
  }

  #and(): Expression {
    let left = this.#not()
    while (this.isName('and')) {
      const {at} = this.take()
      left = {kind: 'and', left, right: this.#not(), at}
    }
    return left
  }

  #not(): Expression {
    if (!this.isName('not')) return this.#compare()
    const {at} = this.take()
    return {kind: 'not', of: this.#not(), at}
  }

  #compare(): Expression {
    const first = this.#sum()
    const rest: [string, Expression][] = []
    const {at} = this.current
    for (;;) {
      if (this.current.type === 'sign' && comparisons.has(this.current.value))
        rest.push([this.take().value, this.#sum()])
      else if (this.skipName('in')) rest.push(['in', this.#sum()])
      else if (this.isName('not') && this.following.type === 'name' && this.following.value === 'in') {
        this.take()
        this.take()
        rest.push(['not in', this.#sum()])
      } else return rest.length ? {kind: 'compare', first, rest, at} : first
    }
  }

  #sum(): Expression {
    return this.#calculation(['+', '-'], () => this.#concat())
  }

  #calculation(signs: readonly string[], operand: () => Expression): Expression {
    let left = operand()
    while (this.current.type === 'sign' && signs.includes(this.current.value)) {
      const {value: sign, at} = this.take()
      left = {kind: 'calculate', sign, left, right: operand(), at}
    }
    return left
  }

  #concat(): Expression {
    const {at} = this.current
    const product = (): Expression =>
      this.#calculation(['*', '/', '//', '%'], () => this.#calculation(['**'], () => this.#unary()))
    const first = product()
    const parts = [first]
    while (this.skipSign('~')) parts.push(product())
    return parts.length === 1 ? first : {kind: 'concat', parts, at}
  }

  #unary(withFilters = true): Expression {
    const {at} = this.current
    const node: Expression = this.skipSign('-')
      ? {kind: 'minus', of: this.#unary(false), at}
      : this.skipSign('+')
        ? {kind: 'plus', of: this.#unary(false), at}
        : this.#primary()
    const whole = this.#postfix(node)
    return withFilters ? this.#filters(whole) : whole
  }

  #primary(): Expression {
    const token = this.current
    const {at} = token
    if (token.type === 'name') {
      this.take()
      if (Object.hasOwn(constants, token.value)) return {kind: 'constant', value: constants[token.value], at}
      return {kind: 'name', name: token.value, at}
    }
    if (token.type === 'text') {
      let value = ''
      while (this.current.type === 'text') value += this.take().value
      return {kind: 'constant', value, at}
    }
    if (token.type === 'number') return {kind: 'constant', value: this.take().number, at}
    if (this.skipSign('(')) {
      const inner = this.isSign(')') ? ({kind: 'constant', value: new Tuple(), at} as const) : this.tuple()
      this.expectSign(')')
      return inner
    }
    if (this.skipSign('[')) return {kind: 'list', items: this.#list(']'), at}
    if (this.skipSign('{')) {
      const entries: [Expression, Expression][] = []
      while (!this.isSign('}')) {
        if (entries.length) this.expectSign(',')
        if (this.isSign('}')) break
        const key = this.expression()
        this.expectSign(':')
        entries.push([key, this.expression()])
      }
      this.take()
      return {kind: 'dict', entries, at}
    }
    return this.unexpected('a value')
  }

  #list(end: string): Expression[] {
    const items: Expression[] = []
    while (!this.isSign(end)) {
      if (items.length) this.expectSign(',')
      if (this.isSign(end)) break
      items.push(this.expression())
    }
    this.take()
    return items
  }

  #postfix(start: Expression): Expression {
    let node = start
    for (;;) {
      if (this.isSign('.') || this.isSign('[')) node = this.#subscript(node)
      else if (this.isSign('(')) node = this.#call(node)
      else return node
    }
  }

  #call(of: Expression): Expression {
    const {at} = this.current
    return {kind: 'call', of, ...this.#arguments(), at}
  }

  #subscript(of: Expression): Expression {
    const {value, at} = this.take()
    if (value === '.') {
      const {type, number} = this.current
      if (type === 'number') {
        this.take()
        return {kind: 'item', of, key: {kind: 'constant', value: number, at}, at}
      }
      return {kind: 'attribute', of, name: this.expectName(), at}
    }
    let start: Expression | undefined
    if (!this.isSign(':')) start = this.expression()
    if (!this.isSign(':')) {
      if (!start) return this.unexpected('an index')
      const keys = [start]
      while (this.skipSign(',')) keys.push(this.expression())
      this.expectSign(']')
      return {kind: 'item', of, key: keys.length > 1 ? {kind: 'tuple', items: keys, at} : start, at}
    }
    this.take()
    const bound = (): Expression | undefined => (this.isSign(']') || this.isSign(':') ? undefined : this.expression())
    const stop = bound()
    const step = this.skipSign(':') ? bound() : undefined
    this.expectSign(']')
    return {kind: 'slice', of, start, stop, step, at}
  }

  #filters(start: Expression): Expression {
    let node = start
    for (;;) {
      if (this.isSign('|')) node = this.filter(node)
      else if (this.isName('is')) node = this.#test(node)
      else if (this.isSign('(')) node = this.#call(node)
      else return node
    }
  }

  #dotted(): string {
    let name = this.expectName()
    while (this.skipSign('.')) name += `.${this.expectName()}`
    return name
  }

  /** `| name(…)`; in a block (`startInline`) the first one has no `|`. */
  filter(start: Expression | undefined, startInline = false): Expression {
    let node = start
    let inline = startInline
    while (inline || this.isSign('|')) {
      if (!inline) this.take()
      inline = false
      const {at} = this.current
      const name = this.#dotted()
      node = {kind: 'filter', of: node, name, ...(this.isSign('(') ? this.#arguments() : {args: [], named: []}), at}
      if (startInline) continue
      break
    }
    return node ?? this.unexpected('a filter')
  }

  #test(of: Expression): Expression {
    this.take()
    const not = this.skipName('not')
    const {at} = this.current
    const name = this.#dotted()
    let given: Arguments = {args: [], named: []}
    if (this.isSign('(')) given = this.#arguments()
    else if (
      ['text', 'number'].includes(this.current.type) ||
      this.isSign('[') ||
      this.isSign('{') ||
      (this.isName() && !this.isName('else', 'or', 'and', 'if', 'is', 'in', 'not', 'recursive'))
    )
      given = {args: [this.#postfix(this.#primary())], named: []}
    else if (this.isName('is')) this.fail('two tests one after the other need brackets')
    const test: Expression = {kind: 'test', of, name, ...given, at}
    return not ? {kind: 'not', of: test, at} : test
  }

  #arguments(): Arguments {
    this.expectSign('(')
    const args: Expression[] = []
    const named: [string, Expression][] = []
    let rest: Expression | undefined
    let restNamed: Expression | undefined
    let first = true
    while (!this.isSign(')')) {
      if (!first) this.expectSign(',')
      if (this.isSign(')')) break
      first = false
      if (this.skipSign('*')) rest = this.expression()
      else if (this.skipSign('**')) restNamed = this.expression()
      else if (this.isName() && this.following.type === 'sign' && this.following.value === '=') {
        const name = this.take().value
        this.take()
        named.push([name, this.expression()])
      } else if (named.length || restNamed) this.fail('a value without a name stands after one with a name')
      else args.push(this.expression())
    }
    this.take()
    return {args, named, ...(rest && {rest}), ...(restNamed && {restNamed})}
  }
}
