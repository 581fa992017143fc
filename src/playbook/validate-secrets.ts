import type {FuncKeywordDefinition} from 'ajv'
import {placeOf} from '../diagnostics/positions.ts'
import {Secret} from '../shell/secret.ts'
import {EvaluationError} from './evaluation-error.ts'
import {isMapping} from './mapping.ts'
import {opened, sealed} from './taint.ts'
import type {Path, Validation, Violation} from './validate.ts'
import {dotted} from './validate-sentence.ts'

/** What the schema says of the places of the value that is being checked: a secret may stand there, or why not. */
let said = new Map<string, boolean | string>()

/** `secret: true` beside a type: a secret may stand here. `secret: 'because …'`: it may not, and what to do instead. */
export const secretKeyword: FuncKeywordDefinition = {
  keyword: 'secret',
  schemaType: ['boolean', 'string'],
  errors: false,
  validate: (says: boolean | string, _data: unknown, _schema?: unknown, context?: {instancePath: string}) => {
    said.set(context?.instancePath ?? '', says)
    return true
  },
}

const usual = 'names, paths, titles and commands are shown, and other users of a host can read them'

const pointer = (path: Path): string =>
  path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

type Found = {readonly path: Path; readonly secret: Secret; readonly holder: any}

const secretsIn = (holder: unknown, path: Path = []): readonly Found[] => {
  if (!Array.isArray(holder) && !isMapping(holder)) return []
  return Object.entries(holder).flatMap(([key, held]): readonly Found[] => {
    const here = [...path, Array.isArray(holder) ? Number(key) : key]
    return held instanceof Secret ? [{path: here, secret: held, holder}] : secretsIn(held, here)
  })
}

/** What the schema says of a place or of what is around it. */
const verdict = (path: Path): boolean | string => {
  for (let length = path.length; length >= 0; length--) {
    const says = said.get(pointer(path.slice(0, length)))
    if (says !== undefined) return says
  }
  return false
}

const begins = (path: Path, start: Path): boolean => start.every((part, index) => part === path[index])

const refusal = (path: Path, says: boolean | string, value: unknown, validation: Validation): Violation => {
  const at = placeOf(value, path) ?? validation.at
  const name = `'${validation.prefix ?? ''}${dotted(path)}'`
  return {
    path,
    unknownKey: false,
    diagnostic: {
      rule: 'secret-place',
      what: `a secret cannot stand in ${name}${validation.owner ? ` of ${validation.owner}` : ''}`,
      why: typeof says === 'string' ? says : usual,
      fix: 'use a value that is neither encrypted nor computed from one that is',
      ...(at && {at}),
    },
  }
}

/** Checks a value as what its secrets reveal, and that each stands where the schema takes one; they are put back after. */
export const checkSecrets = (
  value: unknown,
  validation: Validation,
  check: (isSecret: (path: Path) => boolean) => readonly Violation[],
): readonly Violation[] => {
  said = new Map()
  const found = secretsIn(value)
  const broken: Violation[] = []
  for (const {path, secret, holder} of found)
    try {
      holder[path.at(-1) ?? ''] = opened(secret)
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      broken.push({path, unknownKey: false, diagnostic: error.toDiagnostic(undefined, validation.at)})
    }
  const isSecret = (path: Path): boolean => found.some(({path: other}) => begins(path, other) || begins(other, path))
  const problems = broken.length > 0 ? broken : check(isSecret)
  for (const {path, secret, holder} of found) holder[path.at(-1) ?? ''] = secret
  if (broken.length > 0) return broken
  const refused = found.flatMap(({path}) => {
    const says = verdict(path)
    const known = problems.some(
      problem => begins(path, problem.path) && (problem.unknownKey || problem.path.length > 0),
    )
    return says === true || known ? [] : [refusal(path, says, value, validation)]
  })
  if (validation.seal && problems.length === 0) sealDeclared(value)
  return [...problems, ...refused]
}

const sealDeclared = (value: any): void => {
  for (const [place, says] of said) {
    const parts = place
      .split('/')
      .slice(1)
      .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = parts.pop()
    const holder = parts.reduce<any>((held, part) => held?.[part], value)
    if (says === true && last !== undefined && holder !== undefined) holder[last] = sealed(holder[last])
  }
}
