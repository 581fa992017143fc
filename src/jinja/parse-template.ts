import {suggest} from '../diagnostics/nearest.ts'
import {Lexer, type Syntax, templateSyntax} from './lexer.ts'
import type {Body, Expression, Parameter, Statement, Target} from './nodes.ts'
import {Parser} from './parse-expression.ts'
import {JinjaProblem} from './problem.ts'

const known = 'if for set macro call filter with block extends include import from raw'.split(' ')
const reserved = new Set(['true', 'false', 'none', 'True', 'False', 'None'])

class TemplateParser {
  readonly #parser: Parser
  /** Tags that are open, with their places. */
  readonly #open: {readonly tag: string; readonly at: number}[] = []

  constructor(parser: Parser) {
    this.#parser = parser
  }

  /** Statements up to one of `ends`, whose name is left to be read. */
  body(ends: readonly string[]): Body {
    const parser = this.#parser
    const statements: Statement[] = []
    for (;;) {
      const {type, value, at} = parser.current
      if (type === 'eof') {
        const open = this.#open.at(-1)
        if (open) parser.fail(`{% ${open.tag} %} is never closed`, `add {% end${open.tag} %}`, open.at)
        return statements
      }
      parser.take()
      if (type === 'data') statements.push({kind: 'data', text: value, at})
      else if (type === 'print') {
        statements.push({kind: 'print', value: parser.tuple(), at})
        if (parser.take().type !== 'close') parser.unexpected("'}}'")
      } else {
        if (parser.isName(...ends) && ends.length) return statements
        statements.push(this.#statement())
      }
    }
  }

  #end(): void {
    if (this.#parser.take().type !== 'end') this.#parser.unexpected("'%}'")
  }

  /** The body of a tag up to its end tag. */
  #inside(tag: string, at: number, ends: readonly string[] = [`end${tag}`]): {body: Body; end: string} {
    this.#end()
    this.#open.push({tag, at})
    const body = this.body(ends)
    this.#open.pop()
    return {body, end: this.#parser.take().value}
  }

  #statement(): Statement {
    const parser = this.#parser
    const {value: tag, at} = parser.current
    if (!parser.isName()) parser.unexpected('the name of a statement')
    parser.take()
    const read = this.#readers[tag]
    if (!read) return this.#unknown(tag, at)
    const statement = read(at)
    this.#end()
    return statement
  }

  #unknown(tag: string, at: number): never {
    const open = this.#open.at(-1)
    if (tag.startsWith('end') || tag === 'else' || tag === 'elif')
      return this.#parser.fail(
        `{% ${tag} %} ${open ? `stands inside of {% ${open.tag} %}` : 'closes nothing'}`,
        'check which tags are open',
        at,
      )
    const off: Readonly<Record<string, string>> = {
      do: "the extension 'do' is off in Ansible: write {% set _ = … %}",
      break: "the extension 'loopcontrols' is off in Ansible: write {% for x in … if … %}",
      continue: "the extension 'loopcontrols' is off in Ansible: write {% for x in … if … %}",
      trans: 'translations are off in Ansible',
      autoescape: 'write | e where text must be escaped',
    }
    throw new JinjaProblem('expression-syntax', `the statement '{% ${tag} %}' is unknown`, {
      offset: at,
      fix: off[tag] ?? suggest(tag, known) ?? 'remove it',
    })
  }

  readonly #readers: Readonly<Record<string, (at: number) => Statement>> = {
    if: at => this.#if(at),
    for: at => this.#for(at),
    set: at => this.#set(at),
    with: at => this.#with(at),
    macro: at => {
      const name = this.#parser.expectName()
      const parameters = this.#parameters()
      return {kind: 'macro', name, parameters, body: this.#inside('macro', at).body, at}
    },
    call: at => {
      const parameters = this.#parser.isSign('(') ? this.#parameters() : []
      const call = this.#parser.expression()
      if (call.kind !== 'call') this.#parser.fail('{% call %} needs a call', 'write {% call name(…) %}', at)
      return {kind: 'call', call, parameters, body: this.#inside('call', at).body, at}
    },
    filter: at => {
      const filter = this.#parser.filter(undefined, true)
      return {kind: 'filter', filter, body: this.#inside('filter', at).body, at}
    },
    block: at => {
      const name = this.#parser.expectName()
      const scoped = this.#parser.skipName('scoped')
      const required = this.#parser.skipName('required')
      const {body} = this.#inside('block', at)
      this.#parser.skipName(name)
      return {kind: 'block', name, scoped, required, body, at}
    },
    extends: at => ({kind: 'extends', template: this.#parser.expression(), at}),
    include: at => {
      const template = this.#parser.expression()
      const ignoreMissing = this.#parser.skipName('ignore')
      if (ignoreMissing && !this.#parser.skipName('missing')) this.#parser.unexpected("'missing'")
      return {kind: 'include', template, ignoreMissing, withContext: this.#context(true), at}
    },
    import: at => {
      const template = this.#parser.expression()
      if (!this.#parser.skipName('as')) this.#parser.unexpected("'as'")
      const name = this.#parser.expectName()
      return {kind: 'import', template, name, withContext: this.#context(false), at}
    },
    from: at => this.#from(at),
  }

  #context(usual: boolean): boolean {
    const parser = this.#parser
    const says = parser.isName('with', 'without') && parser.following.value === 'context'
    if (!says) return usual
    const withContext = parser.take().value === 'with'
    parser.take()
    return withContext
  }

  #if(at: number): Statement {
    const test = this.#parser.tuple(false)
    const {body, end} = this.#inside('if', at, ['elif', 'else', 'endif'])
    if (end === 'elif') return {kind: 'if', test, body, otherwise: [this.#if(at)], at}
    const otherwise = end === 'else' ? this.#inside('if', at).body : []
    return {kind: 'if', test, body, otherwise, at}
  }

  #for(at: number): Statement {
    const parser = this.#parser
    const target = this.#target()
    if (!parser.skipName('in')) parser.unexpected("'in'")
    const over = parser.tuple(false, ['recursive'])
    const test = parser.skipName('if') ? parser.expression() : undefined
    const recursive = parser.skipName('recursive')
    const {body, end} = this.#inside('for', at, ['endfor', 'else'])
    const otherwise = end === 'else' ? this.#inside('for', at).body : []
    return {kind: 'for', target, over, test, recursive, body, otherwise, at}
  }

  #set(at: number): Statement {
    const target = this.#target(true)
    if (this.#parser.skipSign('=')) return {kind: 'set', target, value: this.#parser.tuple(), at}
    const filter = this.#parser.isSign('|') ? this.#filterChain() : undefined
    return {kind: 'set-block', target, filter, body: this.#inside('set', at).body, at}
  }

  #filterChain(): Expression {
    this.#parser.take()
    return this.#parser.filter(undefined, true)
  }

  #with(at: number): Statement {
    const values: [Target, Expression][] = []
    while (this.#parser.current.type !== 'end') {
      if (values.length && !this.#parser.skipSign(',')) this.#parser.unexpected("','")
      const target = this.#target()
      this.#parser.expectSign('=')
      values.push([target, this.#parser.expression()])
    }
    return {kind: 'with', values, body: this.#inside('with', at).body, at}
  }

  #from(at: number): Statement {
    const parser = this.#parser
    const template = parser.expression()
    if (!parser.skipName('import')) parser.unexpected("'import'")
    const names: [string, string][] = []
    for (;;) {
      const saysContext = parser.isName('with', 'without') && parser.following.value === 'context'
      if (!parser.isName() || saysContext) break
      const name = parser.expectName()
      names.push([name, parser.skipName('as') ? parser.expectName() : name])
      if (!parser.skipSign(',')) break
    }
    if (names.length === 0) parser.unexpected('a name')
    return {kind: 'from', template, names, withContext: this.#context(false), at}
  }

  #parameters(): readonly Parameter[] {
    const parser = this.#parser
    parser.expectSign('(')
    const parameters: Parameter[] = []
    while (!parser.isSign(')')) {
      if (parameters.length) parser.expectSign(',')
      if (parser.isSign(')')) break
      const name = parser.expectName()
      const value = parser.skipSign('=') ? parser.expression() : undefined
      if (!value && parameters.some(other => other.default))
        parser.fail('a parameter without default stands after one with a default')
      parameters.push({name, default: value})
    }
    parser.take()
    return parameters
  }

  #target(withAttribute = false): Target {
    const parser = this.#parser
    const targets: Target[] = []
    let commas = false
    for (;;) {
      if (targets.length && !(parser.isName() || parser.isSign('('))) break
      if (parser.isName('in')) break
      targets.push(this.#one(withAttribute))
      if (!parser.skipSign(',')) break
      commas = true
    }
    return !commas && targets[0] ? targets[0] : {to: 'names', targets}
  }

  #one(withAttribute: boolean): Target {
    const parser = this.#parser
    if (parser.skipSign('(')) {
      const inner = this.#target()
      parser.expectSign(')')
      return inner
    }
    const {at} = parser.current
    const name = parser.expectName()
    if (reserved.has(name)) parser.fail(`'${name}' cannot get a value`, 'use another name', at)
    if (withAttribute && parser.skipSign('.')) return {to: 'attribute', name, attribute: parser.expectName()}
    return {to: 'name', name}
  }
}

/** Reads a template. One newline at its end is dropped, as Jinja does. Throws JinjaProblem. */
export const parseTemplate = (source: string, syntax: Syntax = templateSyntax): Body => {
  const text = source.replaceAll(/\r\n|\r/g, '\n').replace(/\n$/, '')
  return new TemplateParser(new Parser(new Lexer(text, syntax).run())).body([])
}
