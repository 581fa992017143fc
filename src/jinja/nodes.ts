/** What a template or expression means. `at` counts in its text. */

export type Arguments = {
  readonly args: readonly Expression[]
  readonly named: readonly (readonly [string, Expression])[]
  readonly rest?: Expression
  readonly restNamed?: Expression
}

export type Expression = {readonly at: number} & (
  | {readonly kind: 'constant'; readonly value: unknown}
  | {readonly kind: 'name'; readonly name: string}
  | {readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[]}
  | {readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[]}
  | {readonly kind: 'attribute'; readonly of: Expression; readonly name: string}
  | {readonly kind: 'item'; readonly of: Expression; readonly key: Expression}
  | {
      readonly kind: 'slice'
      readonly of: Expression
      readonly start: Expression | undefined
      readonly stop: Expression | undefined
      readonly step: Expression | undefined
    }
  | ({readonly kind: 'call'; readonly of: Expression} & Arguments)
  /** Without `of`: the body of a filter block. */
  | ({readonly kind: 'filter'; readonly of: Expression | undefined; readonly name: string} & Arguments)
  | ({readonly kind: 'test'; readonly of: Expression; readonly name: string} & Arguments)
  | {readonly kind: 'not' | 'minus' | 'plus'; readonly of: Expression}
  | {readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression}
  | {readonly kind: 'calculate'; readonly sign: string; readonly left: Expression; readonly right: Expression}
  | {readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly (readonly [string, Expression])[]}
  | {readonly kind: 'concat'; readonly parts: readonly Expression[]}
  | {
      readonly kind: 'choice'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression | undefined
    }
)

export type Node<Kind extends Expression['kind']> = Extract<Expression, {readonly kind: Kind}>

/** What `set` and `for` give values to. */
export type Target =
  | {readonly to: 'name'; readonly name: string}
  | {readonly to: 'names'; readonly targets: readonly Target[]}
  | {readonly to: 'attribute'; readonly name: string; readonly attribute: string}

export type Parameter = {readonly name: string; readonly default: Expression | undefined}
export type Body = readonly Statement[]

export type Statement = {readonly at: number} & (
  | {readonly kind: 'data'; readonly text: string}
  | {readonly kind: 'print'; readonly value: Expression}
  | {readonly kind: 'if'; readonly test: Expression; readonly body: Body; readonly otherwise: Body}
  | {
      readonly kind: 'for'
      readonly target: Target
      readonly over: Expression
      readonly test: Expression | undefined
      readonly recursive: boolean
      readonly body: Body
      readonly otherwise: Body
    }
  | {readonly kind: 'set'; readonly target: Target; readonly value: Expression}
  | {readonly kind: 'set-block'; readonly target: Target; readonly filter: Expression | undefined; readonly body: Body}
  | {readonly kind: 'filter'; readonly filter: Expression; readonly body: Body}
  | {readonly kind: 'with'; readonly values: readonly (readonly [Target, Expression])[]; readonly body: Body}
  | {readonly kind: 'macro'; readonly name: string; readonly parameters: readonly Parameter[]; readonly body: Body}
  | {
      readonly kind: 'call'
      readonly call: Expression
      readonly parameters: readonly Parameter[]
      readonly body: Body
    }
  | {
      readonly kind: 'block'
      readonly name: string
      readonly scoped: boolean
      readonly required: boolean
      readonly body: Body
    }
  | {readonly kind: 'extends'; readonly template: Expression}
  | {
      readonly kind: 'include'
      readonly template: Expression
      readonly ignoreMissing: boolean
      readonly withContext: boolean
    }
  | {readonly kind: 'import'; readonly template: Expression; readonly name: string; readonly withContext: boolean}
  | {
      readonly kind: 'from'
      readonly template: Expression
      readonly names: readonly (readonly [string, string])[]
      readonly withContext: boolean
    }
)
