import {nearest} from '../diagnostics/nearest.ts'
import {RecursiveLoop} from './loop.ts'
import {methodOf} from './methods.ts'
import type {Expression} from './nodes.ts'
import {JinjaProblem} from './problem.ts'
import {calculateIndex} from './slice.ts'
import {Attributes, characters, GroupTuple, held, isDict, isInt, KeptText, keysOf, Undefined} from './values.ts'

/** An expression of names and parts as it was written: `links.wan[0]`. */
export const pathText = (node: Expression): string => {
  if (node.kind === 'name') return node.name
  if (node.kind === 'attribute') return `${pathText(node.of)}.${node.name}`
  if (node.kind === 'call') return `${pathText(node.of)}(…)`
  if (node.kind === 'filter') return `${node.of ? `${pathText(node.of)} | ` : ''}${node.name}`
  if (node.kind !== 'item') return '(…)'
  const {key} = node
  if (key.kind !== 'constant') return `${pathText(node.of)}[${pathText(key)}]`
  return `${pathText(node.of)}[${typeof key.value === 'string' ? `'${key.value}'` : String(key.value)}]`
}

const missing = (of: unknown, key: unknown, node: Expression): Undefined => {
  const keys = isDict(of) ? keysOf(of).map(String) : []
  const near = nearest(String(key), keys)
  const holder = node.kind === 'attribute' || node.kind === 'item' ? pathText(node.of) : 'it'
  return new Undefined(
    new JinjaProblem('undefined-variable', `'${pathText(node)}' is undefined`, {
      why: `'${holder}' has ${keys.length ? `only ${keys.slice(0, 8).join(', ')}` : 'no parts'}`,
      fix: near === undefined ? 'check the name, or write | default(…)' : `did you mean '${near}'?`,
      offset: node.at,
    }),
  )
}

const sequenceOf = (value: unknown): readonly unknown[] | undefined => {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return characters(value)
  return value instanceof KeptText ? characters(value.text) : undefined
}

/** A part of a value as Jinja finds it: `a.b` asks for methods first, `a['b']` for keys. */
export const subscript = (of: unknown, key: unknown, node: Expression): unknown => {
  if (of instanceof Undefined) return of
  if (key instanceof Undefined) throw key.error
  const name = key instanceof KeptText ? key.text : key
  const parts = of instanceof RecursiveLoop ? of.parts : of
  if (parts instanceof Attributes) {
    const found = typeof name === 'string' ? parts.get(name) : undefined
    return found === undefined ? missing(of, name, node) : found
  }
  if (of instanceof GroupTuple && (name === 'grouper' || name === 'list')) return of[name === 'list' ? 1 : 0]
  const method = typeof name === 'string' ? methodOf(of, name) : undefined
  if (method && node.kind === 'attribute') return method
  if (isDict(of)) {
    const found = held(of, name)
    if (found !== undefined) return found
  } else if (isInt(name) || typeof name === 'boolean') {
    const list = sequenceOf(of)
    const found = list?.[calculateIndex(Number(name), list.length)]
    if (found !== undefined) return found
  }
  return method ?? missing(of, name, node)
}
