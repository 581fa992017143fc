import type {Given} from '../arguments.ts'
import type {Tools} from '../evaluator.ts'

/** A filter: what it makes of the value before it and of its arguments. */
export type Filter = (value: unknown, given: Given, tools: Tools) => unknown
export type Filters = Readonly<Record<string, Filter>>
