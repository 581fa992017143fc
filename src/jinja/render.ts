import {Secret} from '../shell/secret.ts'
import type {Evaluator} from './evaluator.ts'
import {Frame} from './frame.ts'
import type {Syntax} from './lexer.ts'
import {convertText} from './literal-eval.ts'
import {loopVariable} from './loop.ts'
import {macroOf} from './macro.ts'
import type {Body, Expression, Statement, Target} from './nodes.ts'
import {parseTemplate} from './parse-template.ts'
import {fail, JinjaProblem} from './problem.ts'
import {Attributes, Callable, isTrue, iterate, KeptText, NoElse, Undefined} from './values.ts'

/** What templates take from the project. */
export type Source = {readonly file: string; readonly text: string}
/** Finds a template that another one names; undefined when there is none. */
export type Load = (name: string, from: string) => Source | undefined

type Kind<Name extends Statement['kind']> = Extract<Statement, {readonly kind: Name}>
type Block = {readonly body: Body; readonly file: string}

export type RenderOptions = {
  readonly evaluator: Evaluator
  readonly syntax: Syntax
  readonly load: Load
  /** What text of macros and blocks becomes, as in values of YAML: a list when it looks like one. */
  readonly convert: boolean
}

/** Renders statements into pieces of output. One for a template with those that it extends. */
export class Renderer {
  readonly #options: RenderOptions
  readonly #file: string
  /** Name -> bodies, the one of the most derived template first. */
  readonly #blocks: Map<string, Block[]>
  #parent: Source | undefined

  constructor(options: RenderOptions, file: string, blocks = new Map<string, Block[]>()) {
    this.#options = options
    this.#file = file
    this.#blocks = blocks
  }

  /** The pieces of a whole template. `top` takes the names that it sets. */
  template(body: Body, top: Frame): unknown[] {
    return this.#located(() => {
      this.#collectBlocks(body)
      const out: unknown[] = []
      this.#body(body, top, out, true)
      if (!this.#parent) return out
      const {file, text} = this.#parent
      return new Renderer(this.#options, file, this.#blocks).template(this.parse({file, text}), top)
    })
  }

  parse({file, text}: Source): Body {
    try {
      return parseTemplate(text, this.#options.syntax)
    } catch (error) {
      if (error instanceof JinjaProblem) error.template ??= file
      throw error
    }
  }

  /** Problems inside of it are those of this template. */
  #located<Value>(work: () => Value): Value {
    try {
      return work()
    } catch (error) {
      if (error instanceof JinjaProblem && error.offset !== undefined) error.template ??= this.#file
      throw error
    }
  }

  #collectBlocks(body: Body): void {
    for (const statement of body) {
      if (statement.kind === 'block')
        this.#blocks.set(statement.name, [
          ...(this.#blocks.get(statement.name) ?? []),
          {body: statement.body, file: this.#file},
        ])
      for (const inner of [statement].flatMap(one => ['body', 'otherwise'].map(key => (one as any)[key])))
        if (Array.isArray(inner)) this.#collectBlocks(inner as Body)
    }
  }

  /** Pieces as one value: text, or what the text looks like. */
  concat(pieces: readonly unknown[]): unknown {
    const [only] = pieces
    if (pieces.length === 1 && only instanceof KeptText && this.#options.convert) return only
    const text = pieces.map(piece => this.#options.evaluator.text(piece)).join('')
    return this.#options.convert ? convertText(text) : text
  }

  #rendered(body: Body, frame: Frame): unknown {
    const out: unknown[] = []
    this.#body(body, frame, out)
    return this.concat(out)
  }

  #body(body: Body, frame: Frame, out: unknown[], isTop = false): void {
    for (const statement of body) {
      // After {% extends %} a template only sets names; its blocks are shown by the other one.
      const shown = this.#parent && isTop ? [] : out
      if (this.#parent && isTop && ['data', 'print', 'block', 'call', 'filter'].includes(statement.kind)) continue
      try {
        this.#statement(statement, frame, shown, isTop)
      } catch (error) {
        if (error instanceof JinjaProblem) error.offset ??= statement.at
        throw error
      }
    }
  }

  #evaluate(node: Expression, frame: Frame): unknown {
    return this.#options.evaluator.evaluate(node, frame)
  }

  #statement(statement: Statement, frame: Frame, out: unknown[], isTop: boolean): void {
    switch (statement.kind) {
      case 'data':
        out.push(statement.text)
        return
      case 'print':
        out.push(this.#printed(statement, frame))
        return
      case 'if':
        this.#body(
          isTrue(this.#evaluate(statement.test, frame)) ? statement.body : statement.otherwise,
          frame,
          out,
          isTop,
        )
        return
      case 'for':
        this.#for(statement, frame, out)
        return
      case 'set':
        this.#assign(statement.target, this.#evaluate(statement.value, frame), frame)
        return
      case 'set-block': {
        const value = this.#rendered(statement.body, new Frame(frame))
        this.#assign(statement.target, statement.filter ? this.#filtered(statement.filter, value, frame) : value, frame)
        return
      }
      case 'filter':
        out.push(this.#filtered(statement.filter, this.#rendered(statement.body, new Frame(frame)), frame))
        return
      case 'with': {
        const inner = new Frame(frame)
        for (const [target, value] of statement.values) this.#assign(target, this.#evaluate(value, frame), inner)
        this.#body(statement.body, inner, out)
        return
      }
      case 'macro':
        frame.set(statement.name, this.#macro(statement.name, statement, frame))
        return
      case 'call':
        this.#callBlock(statement, frame, out)
        return
      case 'block':
        out.push(...this.#block(statement.name, 0, statement.scoped ? frame : frame.top(), statement))
        return
      case 'extends':
        if (this.#parent) fail('a template can extend one other only')
        this.#parent = this.#load([this.#evaluate(statement.template, frame)])
        return
      case 'include':
        this.#include(statement, frame, out)
        return
      case 'import':
        frame.set(statement.name, this.#module(statement, frame))
        return
      case 'from': {
        const module = this.#module(statement, frame)
        for (const [name, as] of statement.names) frame.set(as, module.get(name) ?? undefinedIn(name, statement))
      }
    }
  }

  /** What goes into the output: nothing for None, an undefined value says so here. */
  #printed({value, at}: Kind<'print'>, frame: Frame): unknown {
    const shown = this.#evaluate(value, frame)
    if (shown instanceof Undefined && !(shown instanceof NoElse)) throw shown.error
    try {
      const text = this.#options.evaluator.text(shown)
      return shown instanceof KeptText ? shown : text
    } catch (error) {
      if (error instanceof JinjaProblem) error.offset ??= value.at ?? at
      throw error
    }
  }

  #assign(target: Target, value: unknown, frame: Frame): void {
    if (target.to === 'name') frame.set(target.name, value)
    else if (target.to === 'attribute') {
      const holder = frame.get(target.name)
      if (!(holder instanceof Attributes && holder.set && holder.type === 'Namespace'))
        return fail(
          'only a namespace takes values for its parts',
          `write {% set ${target.name} = namespace(…) %} first`,
        )
      holder.set(target.attribute, value)
    } else {
      const items = iterate(value)
      if (items.length !== target.targets.length)
        return fail(
          `${items.length} values do not fit ${target.targets.length} names`,
          'a mapping gives key and value with .items()',
        )
      for (const [index, one] of target.targets.entries()) this.#assign(one, items[index], frame)
    }
  }

  #for(statement: Kind<'for'>, frame: Frame, out: unknown[]): void {
    const run = (given: unknown, depth: number, to: unknown[]): void => {
      const {test} = statement
      const all = iterate(given instanceof Secret ? this.#options.evaluator.use(given) : given)
      const items = !test
        ? all
        : all.filter(item => {
            const inner = new Frame(frame)
            this.#assign(statement.target, item, inner)
            return isTrue(this.#evaluate(test, inner))
          })
      if (items.length === 0) {
        this.#body(statement.otherwise, new Frame(frame), to)
        return
      }
      const again = (more: unknown): unknown => {
        const pieces: unknown[] = []
        run(more, depth + 1, pieces)
        return this.concat(pieces)
      }
      const position = {index: 0}
      const loop = loopVariable(items, position, depth, statement.recursive ? again : undefined)
      for (const [index, item] of items.entries()) {
        position.index = index
        const inner = new Frame(frame)
        inner.set('loop', loop)
        this.#assign(statement.target, item, inner)
        this.#body(statement.body, inner, to)
      }
    }
    run(this.#evaluate(statement.over, frame), 1, out)
  }

  #macro(name: string, {parameters, body}: Kind<'macro'> | Kind<'call'>, frame: Frame): Callable {
    return macroOf(name, parameters, body, {
      frame,
      evaluate: (node, inner) => this.#evaluate(node, inner),
      render: (inner, values) => this.#located(() => this.#rendered(inner, values)),
    })
  }

  #callBlock(statement: Kind<'call'>, frame: Frame, out: unknown[]): void {
    const {call} = statement
    if (call.kind !== 'call') return
    const caller = this.#macro('caller', statement, frame)
    const callee = this.#evaluate(call.of, frame)
    if (!(callee instanceof Callable)) return fail('{% call %} needs a macro')
    const {args, named} = this.#options.evaluator.given(call, frame)
    out.push(callee.call(args, new Map([...named, ['caller', caller]])))
  }

  #filtered(filter: Expression, value: unknown, frame: Frame): unknown {
    if (filter.kind !== 'filter') return fail('a filter is missing')
    const inner = filter.of ? this.#filtered(filter.of, value, frame) : value
    return this.#options.evaluator.applyFilter(filter, inner, frame)
  }

  #block(name: string, level: number, frame: Frame, statement: Kind<'block'>): unknown[] {
    const block = this.#blocks.get(name)?.[level]
    if (!block) return fail(`there is no parent block called '${name}'`)
    if (statement.required && level === 0 && block.body === statement.body)
      return fail(
        `Required block '${name}' not found`,
        `write {% block ${name} %} in the template that extends this one`,
      )
    const inner = new Frame(frame)
    inner.set('super', new Callable('super', () => this.concat(this.#block(name, level + 1, frame, statement))))
    const out: unknown[] = []
    const owner = block.file === this.#file ? this : new Renderer(this.#options, block.file, this.#blocks)
    owner.#located(() => owner.#body(block.body, inner, out))
    return out
  }

  #load(names: readonly unknown[], ignoreMissing = false): Source | undefined {
    for (const name of names) {
      if (name instanceof Undefined) throw name.error
      const found = this.#options.load(this.#options.evaluator.text(name), this.#file)
      if (found) return found
    }
    if (ignoreMissing) return undefined
    const shown = names.map(name => `'${this.#options.evaluator.text(name)}'`).join(', ')
    throw new JinjaProblem('template-missing', `the template ${shown} does not exist`, {
      fix: 'it is looked for beside the template and in templates/',
    })
  }

  #include(statement: Kind<'include'>, frame: Frame, out: unknown[]): void {
    const name = this.#evaluate(statement.template, frame)
    const source = this.#load(Array.isArray(name) ? name : [name], statement.ignoreMissing)
    if (!source) return
    const renderer = new Renderer(this.#options, source.file)
    const inner = new Frame(statement.withContext ? frame : undefined)
    if (frame.has('loop')) inner.set('loop', noLoop())
    out.push(...renderer.template(renderer.parse(source), inner))
  }

  /** What another template defines, without what it prints. */
  #module(statement: Kind<'import'> | Kind<'from'>, frame: Frame): Attributes {
    const source = this.#load([this.#evaluate(statement.template, frame)]) as Source
    const renderer = new Renderer(this.#options, source.file)
    const top = new Frame(statement.withContext ? frame : undefined)
    renderer.template(renderer.parse(source), top)
    return new Attributes('TemplateModule', name => (name.startsWith('_') ? undefined : top.own().get(name)))
  }
}

/** Jinja hands names on to an included template, but not `loop`. */
const noLoop = (): Undefined =>
  new Undefined(
    new JinjaProblem('undefined-variable', "'loop' is undefined in an included template", {
      fix: 'set a name to its part before',
    }),
  )
const undefinedIn = (name: string, {at}: Statement): Undefined =>
  new Undefined(
    new JinjaProblem('undefined-variable', `the imported template has no '${name}'`, {
      fix: 'check the name',
      offset: at,
    }),
  )
