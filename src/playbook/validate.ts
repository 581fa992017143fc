import {createRequire} from 'node:module'
import type {Ajv, ErrorObject, ValidateFunction} from 'ajv'
import type {Diagnostic, Position} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {placeOf} from '../diagnostics/positions.ts'
import {sentenceFor, shown} from './validate-sentence.ts'

export type Validation = {
  /** Where the value stands when it has no places of its own. */
  readonly at?: Position | undefined
  /** What an unknown key is called: `key`, `parameter`, `variable`. */
  readonly noun?: string
  /** Put before names of first-level keys: `vrrp_`. */
  readonly prefix?: string
  /** `of a play`, `of the task kind 'file'`. */
  readonly of?: string
  /** What to do about a missing required key. */
  readonly missing?: (name: string) => string | undefined
  /** What to say of an unknown key instead of the nearest name. */
  readonly unknown?: (name: string) => Pick<Diagnostic, 'rule' | 'what' | 'why' | 'fix'> | undefined
}

let ajv: Ajv | undefined
const compiled = new WeakMap<object, ValidateFunction>()

/** Compiles a schema once. Throws when the schema itself is wrong. */
export const compile = (schema: object): ValidateFunction => {
  const known = compiled.get(schema)
  if (known) return known
  if (!ajv) {
    const library = createRequire(import.meta.url)('ajv') as typeof import('ajv')
    ajv = new library.Ajv({
      allErrors: true,
      useDefaults: true,
      strict: true,
      verbose: true,
      strictRequired: false,
      logger: false,
    })
  }
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

const pathOf = (error: ErrorObject): (string | number)[] =>
  error.instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))

const nameOf = (path: readonly (string | number)[], prefix: string): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? `${prefix}${part}` : `.${part}`))
    .join('')

/** Errors inside the branches of an anyOf say less than the anyOf itself. */
const withoutBranches = (errors: readonly ErrorObject[]): ErrorObject[] => {
  const choices = errors.filter(({keyword}) => keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'if')
  return errors.filter(
    error =>
      error.keyword !== 'if' &&
      !choices.some(
        choice => choice !== error && choice.keyword !== 'if' && error.schemaPath.startsWith(`${choice.schemaPath}/`),
      ),
  )
}

/** Checks a value against a schema, fills in defaults, and says every problem at its place. */
export const validate = (schema: object, value: unknown, validation: Validation = {}): readonly Diagnostic[] => {
  const check = compile(schema)
  if (check(value)) return []
  const {noun = 'key', prefix = '', of = '', at} = validation
  return withoutBranches(check.errors ?? []).map(error => {
    const path = pathOf(error)
    const place = (key: readonly (string | number)[], atKey: boolean): {at?: Position} => {
      const found = placeOf(value, key, atKey) ?? at
      return found ? {at: found} : {}
    }
    const parent = path.length ? ` in '${nameOf(path, prefix)}'` : of && ` ${of}`
    if (error.keyword === 'additionalProperties') {
      const name = String(error.params['additionalProperty'])
      const known = Object.keys((error.parentSchema as {properties?: object}).properties ?? {})
      const visible = path.length ? known : known.map(key => prefix + key)
      const fix = suggest((path.length ? '' : prefix) + name, visible)
      const other = visible.some(key => fix?.includes(`mean '${key}'`)) ? undefined : validation.unknown?.(name)
      if (other) return {...other, ...place([...path, name], true)}
      return {
        rule: `unknown-${noun}`,
        what: `the ${noun} '${path.length ? name : prefix + name}' is unknown${parent}`,
        ...(fix !== undefined && {fix}),
        ...place([...path, name], true),
      }
    }
    if (error.keyword === 'required') {
      const name = String(error.params['missingProperty'])
      const fix = path.length ? `add '${name}'` : (validation.missing?.(name) ?? `add '${prefix}${name}'`)
      return {
        rule: `missing-${noun}`,
        what: `the ${noun} '${path.length ? name : prefix + name}' is missing${parent}`,
        fix,
        ...place(path, false),
      }
    }
    const subject = path.length ? `'${nameOf(path, prefix)}'` : of ? `the value ${of}` : 'the value'
    const {what, fix} = sentenceFor(error)
    return {
      rule: `invalid-${noun}`,
      what: `${subject} ${what}`,
      why: `it is ${shown(error.data)}`,
      ...(fix !== undefined && {fix}),
      ...place(path, false),
    }
  })
}
