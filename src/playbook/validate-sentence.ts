import type {ErrorObject} from 'ajv'
import {count} from '../wording.ts'
import {isMapping} from './mapping.ts'

type SchemaNotes = {title?: string; description?: string; examples?: unknown[]; default?: unknown; type?: unknown}

const article: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'empty',
}
const typeNames = (types: string | readonly string[]): string =>
  [types]
    .flat()
    .map(type => article[type] ?? type)
    .join(' or ')

/** `files[0].path` */
export const dotted = (path: readonly (string | number)[]): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('')

/** A value as an operator would name it, short. */
export const shown = (value: unknown): string => {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return value.length ? `a list of ${value.length}` : 'an empty list'
  if (typeof value === 'object') return isMapping(value) ? 'a mapping' : 'a value of its own kind'
  const text = JSON.stringify(value)
  const short = text.length > 60 ? `${text.slice(0, 57)}…"` : text
  return typeof value === 'string' ? `the text ${short}` : short
}

const clause = (description: string): string => description.replace(/[.\s]+$/, '')
const sentences: Readonly<Record<string, (params: any) => string>> = {
  type: ({type}) => `must be ${typeNames(type)}`,
  enum: ({allowedValues}) => `must be one of ${allowedValues.map(String).join(', ')}`,
  const: ({allowedValue}) => `must be ${String(allowedValue)}`,
  minimum: ({limit}) => `must be at least ${limit}`,
  maximum: ({limit}) => `must be at most ${limit}`,
  exclusiveMinimum: ({limit}) => `must be more than ${limit}`,
  exclusiveMaximum: ({limit}) => `must be less than ${limit}`,
  multipleOf: ({multipleOf}) => `must be a multiple of ${multipleOf}`,
  minLength: ({limit}) => (limit === 1 ? 'must not be empty' : `must have at least ${count(limit, 'character')}`),
  maxLength: ({limit}) => `must have at most ${count(limit, 'character')}`,
  minItems: ({limit}) => `must have at least ${count(limit, 'item')}`,
  maxItems: ({limit}) => `must have at most ${count(limit, 'item')}`,
  minProperties: ({limit}) => `must have at least ${count(limit, 'entry')}`,
  uniqueItems: ({i, j}) => `has the same item twice (${Math.min(i, j) + 1} and ${Math.max(i, j) + 1})`,
  propertyNames: ({propertyName}) => `has a name that is not allowed: '${propertyName}'`,
  pattern: () => 'has the wrong form',
  anyOf: () => 'has the wrong form',
  oneOf: () => 'has the wrong form',
  not: () => 'is not allowed',
  dependentRequired: ({property, missingProperty}) => `needs '${missingProperty}' because '${property}' is set`,
}

/** What a broken rule of a schema says, and the schema's own words on what belongs there. */
export const sentenceFor = (error: ErrorObject): {what: string; fix?: string} => {
  const notes = (error.parentSchema ?? {}) as SchemaNotes
  const {description = '', examples} = {...notes, ...(notes.title !== undefined && {description: notes.title})}
  const form = ['pattern', 'anyOf', 'oneOf', 'not'].includes(error.keyword)
  const says = form && /^(an?|the|one|true|text|seconds|four|letters) /.test(description)
  const what = says ? `must be ${clause(description)}` : (sentences[error.keyword]?.(error.params) ?? 'is wrong')
  const quoted =
    error.keyword === 'type' && error.params['type'] === 'string' && typeof error.data === 'number'
      ? 'quote it'
      : undefined
  const example =
    examples?.length && typeof examples[0] !== 'boolean' ? `for example ${JSON.stringify(examples[0])}` : undefined
  const wordy = ['pattern', 'anyOf', 'oneOf', 'not', 'type', 'minLength'].includes(error.keyword)
  const words =
    wordy && description && !what.includes(clause(description)) ? `expected: ${clause(description)}` : undefined
  const parts = [quoted, words, wordy ? example : undefined].filter(Boolean)
  return {what, ...(parts.length > 0 && {fix: parts.join(', ')})}
}
