import type {Body, Expression, Statement, Target} from './nodes.ts'

/** One use of a variable that can be told without evaluating: `hostvars['gw2'].links` is root `hostvars`, parts `gw2`, `links`. */
export type Use = {
  readonly root: string
  readonly parts: readonly (string | number)[]
  /** `x is defined` or `x | default(…)`. */
  readonly guarded: boolean
  /** Only one side of a condition asks for it. */
  readonly conditional: boolean
  readonly at: number
}

/** What a template names, found without evaluating it. */
export type Mentions = {
  readonly uses: readonly Use[]
  readonly filters: readonly {readonly name: string; readonly at: number}[]
  readonly tests: readonly {readonly name: string; readonly at: number}[]
  readonly lookups: readonly {readonly name: string; readonly at: number}[]
}

type Place = {readonly guarded?: boolean; readonly conditional: boolean}

class Collector {
  readonly uses: Use[] = []
  readonly filters: {name: string; at: number}[] = []
  readonly tests: {name: string; at: number}[] = []
  readonly lookups: {name: string; at: number}[] = []
  /** Names that the template itself gives values to. */
  readonly own = new Set(['loop', 'varargs', 'kwargs', 'caller', 'super'])

  body(body: Body, conditional: boolean): void {
    for (const statement of body) this.#statement(statement, conditional)
  }

  #target(target: Target): void {
    if (target.to === 'names') target.targets.forEach(one => this.#target(one))
    else if (target.to === 'name') this.own.add(target.name)
  }

  #statement(statement: Statement, conditional: boolean): void {
    const inside = {conditional: true}
    if ('target' in statement) this.#target(statement.target)
    if (statement.kind === 'macro') this.own.add(statement.name)
    if (statement.kind === 'import') this.own.add(statement.name)
    if (statement.kind === 'from') for (const [, as] of statement.names) this.own.add(as)
    if ('parameters' in statement)
      for (const {name, default: value} of statement.parameters) {
        this.own.add(name)
        if (value) this.expression(value, inside)
      }
    if (statement.kind === 'with')
      for (const [target, value] of statement.values) {
        this.#target(target)
        this.expression(value, {conditional})
      }
    for (const key of ['value', 'over', 'template', 'call', 'filter'] as const)
      if (key in statement) {
        const part = (statement as Readonly<Record<string, unknown>>)[key] as Expression | undefined
        if (part) this.expression(part, {conditional})
      }
    if ('test' in statement && statement.test)
      this.expression(statement.test, {conditional: conditional || statement.kind === 'for'})
    if ('body' in statement) this.body(statement.body, true)
    if ('otherwise' in statement) this.body(statement.otherwise, true)
  }

  expression(node: Expression, place: Place): void {
    const {conditional} = place
    const inner = {conditional}
    switch (node.kind) {
      case 'constant':
        return
      case 'name':
      case 'attribute':
      case 'item':
        return this.#path(node, place)
      case 'filter':
        this.filters.push({name: node.name, at: node.at})
        this.#named(node)
        if (node.of) this.expression(node.of, {conditional, guarded: /(^|\.)(default|d)$/.test(node.name)})
        break
      case 'test':
        this.tests.push({name: node.name, at: node.at})
        this.expression(node.of, {conditional, guarded: /(^|\.)(un)?defined$/.test(node.name)})
        break
      case 'call':
        this.#called(node, inner)
        break
      case 'and':
      case 'or':
        this.expression(node.left, inner)
        return this.expression(node.right, {conditional: true})
      case 'choice':
        this.expression(node.test, inner)
        this.expression(node.yes, {conditional: true})
        if (node.no) this.expression(node.no, {conditional: true})
        return
    }
    for (const [key, part] of Object.entries(node))
      if (
        !['of', 'kind', 'at', 'name'].includes(key) ||
        (key === 'of' && !['filter', 'test', 'call'].includes(node.kind))
      )
        this.#parts(part, inner)
  }

  /** Expressions in lists and pairs of them. */
  #parts(part: unknown, place: Place): void {
    if (Array.isArray(part)) for (const one of part) this.#parts(one, place)
    else if (typeof part === 'object' && part !== null && 'kind' in part) this.expression(part as Expression, place)
  }

  /** `map('int')` and `select('defined')` name a filter and a test. */
  #named(node: Extract<Expression, {kind: 'filter'}>): void {
    const [first, second] = node.args
    const short = node.name.replace(/^ansible\.builtin\./, '')
    const at = (given: Expression | undefined): {name: string; at: number}[] =>
      given?.kind === 'constant' && typeof given.value === 'string' ? [{name: given.value, at: given.at}] : []
    if (short === 'map') this.filters.push(...at(first))
    if (short === 'select' || short === 'reject') this.tests.push(...at(first))
    if (short === 'selectattr' || short === 'rejectattr') this.tests.push(...at(second))
  }

  #called(node: Extract<Expression, {kind: 'call'}>, place: Place): void {
    const {of} = node
    if (of.kind === 'attribute') return this.expression(of.of, place)
    if (of.kind !== 'name') return this.expression(of, place)
    const [name] = node.args
    if (['lookup', 'query', 'q'].includes(of.name) && name?.kind === 'constant' && typeof name.value === 'string')
      this.lookups.push({name: name.value, at: name.at})
  }

  #path(node: Extract<Expression, {kind: 'name' | 'attribute' | 'item'}>, {guarded = false, conditional}: Place): void {
    const keys: (string | number)[] = []
    let base: Expression = node
    let open = false
    while (base.kind === 'attribute' || base.kind === 'item') {
      if (base.kind === 'attribute') keys.unshift(base.name)
      else if (base.key.kind === 'constant' && ['string', 'number'].includes(typeof base.key.value))
        keys.unshift(base.key.value as string | number)
      else {
        this.expression(base.key, {conditional})
        keys.length = 0
        open = true
      }
      base = base.of
    }
    if (base.kind !== 'name') return this.expression(base, {conditional})
    this.uses.push({root: base.name, parts: keys, guarded: guarded || open, conditional, at: base.at})
  }
}

/** What a template names. What it gives values to itself is left out. */
export const mentionsOf = (body: Body): Mentions => {
  const collector = new Collector()
  collector.body(body, false)
  const {uses, filters, tests, lookups, own} = collector
  return {uses: uses.filter(({root}) => !own.has(root)), filters, tests, lookups}
}
