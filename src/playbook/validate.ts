import {createRequire} from 'node:module'
import type {Ajv, ErrorObject, ValidateFunction} from 'ajv'
import type {Diagnostic, Position} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {placeOf} from '../diagnostics/positions.ts'
import {checkSecrets, secretKeyword} from './validate-secrets.ts'
import {dotted, sentenceFor, shown} from './validate-sentence.ts'

export type Path = readonly (string | number)[]

export type Validation = {
  /** Where the value stands when it has no places of its own. */
  readonly at?: Position | undefined
  /** What a key of the first level is called: `key`, `parameter`, `variable`. */
  readonly noun?: string
  /** Put before names of first-level keys: `vrrp_`. */
  readonly prefix?: string
  /** What the value is: `a play`, `'file'`. */
  readonly owner?: string
  /** What a part of the value is called: `a task`. */
  readonly partName?: (path: Path) => string | undefined
  /** What to do about a missing required key of the first level. */
  readonly missing?: (name: string) => string | undefined
  /** Plain values where the schema declares a secret become secrets. */
  readonly seal?: boolean
  /** What to say of an unknown key instead of the nearest name. */
  readonly unknown?: (name: string) => Pick<Diagnostic, 'rule' | 'what' | 'why' | 'fix'> | undefined
}

/** A problem and the part of the value that has it; `unknownKey` is no part of the value that anyone reads. */
export type Violation = {readonly diagnostic: Diagnostic; readonly path: Path; readonly unknownKey: boolean}

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
    ajv.addKeyword(secretKeyword)
  }
  const validate = ajv.compile(schema)
  compiled.set(schema, validate)
  return validate
}

const pathOf = (error: ErrorObject): Path =>
  error.instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))

/** Errors inside the branches of an anyOf say less than the anyOf itself; limits say nothing of a value of another type. */
const withoutEchoes = (errors: readonly ErrorObject[]): ErrorObject[] => {
  const choices = errors.filter(({keyword}) => keyword === 'anyOf' || keyword === 'oneOf')
  const own = errors.filter(
    error =>
      error.keyword !== 'if' &&
      !choices.some(choice => choice !== error && error.schemaPath.startsWith(`${choice.schemaPath}/`)),
  )
  const mistyped = new Set(own.filter(({keyword}) => keyword === 'type').map(({instancePath}) => instancePath))
  return own.filter(({keyword, instancePath}) => keyword === 'type' || !mistyped.has(instancePath))
}

/** Checks a value against a schema, fills in defaults, and tells every violation with its place. */
export const violations = (schema: object, value: unknown, validation: Validation = {}): readonly Violation[] => {
  const check = compile(schema)
  return checkSecrets(value, validation, (isSecret): readonly Violation[] => {
    if (check(value)) return []
    return withoutEchoes(check.errors ?? []).map(error => {
      const path = pathOf(error)
      const unknownKey = error.keyword === 'additionalProperties'
      return {diagnostic: diagnose(error, path, value, {...validation, isSecret}), path, unknownKey}
    })
  })
}

export const validate = (schema: object, value: unknown, validation: Validation = {}): readonly Diagnostic[] =>
  violations(schema, value, validation).map(({diagnostic}) => diagnostic)

type Checking = Validation & {readonly isSecret: (path: Path) => boolean}

/** A value that no message may show: by its name, or because it is a secret or its schema makes it one. */
const isHidden = (path: Path, {parentSchema}: ErrorObject, {seal, isSecret}: Checking): boolean =>
  isSecret(path) ||
  path.some(part => /passw|secret|token|passphrase|private_key$/i.test(String(part))) ||
  (seal === true && (parentSchema as {secret?: unknown} | undefined)?.secret === true)

const diagnose = (error: ErrorObject, path: Path, value: unknown, validation: Checking): Diagnostic => {
  const {noun = 'key', prefix = '', owner = 'the mapping', at} = validation
  const first = path.length === 0
  const name = validation.partName?.(path) ?? (first ? owner : `'${prefix}${dotted(path)}'`)
  const place = (key: Path, atKey: boolean): {at?: Position} => {
    const found = placeOf(value, key, atKey) ?? at
    return found ? {at: found} : {}
  }
  const kind = first ? noun : 'key'
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty'])
    const full = first ? prefix + key : key
    const known = Object.keys((error.parentSchema as {properties?: object}).properties ?? {}).map(other =>
      first ? prefix + other : other,
    )
    const fix = suggest(full, known)
    const hint = validation.unknown?.(key)
    const own = {rule: `unknown-${kind}`, what: `${name} has no ${kind} '${full}'`, ...(fix !== undefined && {fix})}
    return {...(hint ?? own), ...place([...path, key], true)}
  }
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty'])
    const full = first ? prefix + key : key
    const fix = (first ? validation.missing?.(key) : undefined) ?? `add '${full}'`
    return {rule: `missing-${kind}`, what: `${name} needs the ${kind} '${full}'`, fix, ...place(path, false)}
  }
  const {what, fix} = sentenceFor(error)
  const why = isHidden(path, error, validation) ? undefined : `it is ${shown(error.data)}`
  return {
    rule: `invalid-${noun}`,
    what: `${name} ${what}`,
    ...(why !== undefined && {why}),
    ...(fix !== undefined && {fix}),
    ...place(path, false),
  }
}
