import {existsSync, readdirSync} from 'node:fs'
import {basename, dirname, resolve} from 'node:path'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {ansibleHint} from './not-supported.ts'
import {displayPath, expandPath} from './paths.ts'
import {spotOf, startOf} from '../diagnostics/positions.ts'
import {importSchema, playSchema} from './schema.ts'
import {validate} from './validate.ts'
import {readYaml} from './yaml.ts'

/** One play as it was written, checked against the schema. */
export type RawPlay = {
  readonly raw: Readonly<Record<string, any>>
  /** Directory of its playbook: `roles/`, `group_vars/` and `vars_files` are looked for there. */
  readonly directory: string
  readonly at: Position
  /** Tags of the imports above it. */
  readonly tags: readonly string[]
  /** False when the schema refused it; then only what is certain may be read. */
  readonly valid: boolean
}

export const asList = (value: unknown): readonly string[] =>
  value === undefined || value === null ? [] : [value].flat().map(String)

const known = Object.keys(playSchema.properties)

/** Reads a playbook and those that it imports, in order. */
export const readPlaybook = (
  given: string,
  findings: Findings,
  from: {at?: Position; tags?: readonly string[]; above?: readonly string[]} = {},
): readonly RawPlay[] => {
  const path = expandPath(given)
  const {at, tags = [], above = []} = from
  const place = at ? {at} : {}
  if (above.includes(path)) {
    findings.add({
      rule: 'import-cycle',
      what: `${displayPath(path)} imports itself: ${[...above.slice(above.indexOf(path)), path].map(file => basename(file)).join(' -> ')}`,
      fix: 'remove one of the imports',
      ...place,
    })
    return []
  }
  if (!existsSync(path)) {
    const directory = dirname(path)
    const files = existsSync(directory) ? readdirSync(directory).filter(name => /\.ya?ml$/.test(name)) : []
    const fix = existsSync(directory)
      ? suggest(basename(path), files)
      : `the directory ${displayPath(directory)} does not exist either`
    findings.add({
      rule: 'no-playbook',
      what: `the playbook ${displayPath(path)} does not exist`,
      ...(fix && {fix}),
      ...place,
    })
    return []
  }
  const value = readYaml(path, findings)
  if (value === undefined) return []
  const start = startOf(value) ?? {file: displayPath(path), line: 1, column: 1}
  if (!Array.isArray(value)) {
    findings.add({
      rule: 'playbook-form',
      what: value === null ? 'the playbook is empty' : 'a playbook must be a list of plays',
      fix: "begin each play with '- hosts: …'",
      at: start,
    })
    return []
  }
  return value.flatMap((raw: unknown, index) =>
    readPlay(raw, spotOf(value, index)?.value ?? start, path, {tags, above}, findings),
  )
}

const readPlay = (
  raw: unknown,
  at: Position,
  path: string,
  {tags, above}: {tags: readonly string[]; above: readonly string[]},
  findings: Findings,
): readonly RawPlay[] => {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    findings.add({
      rule: 'playbook-form',
      what: 'a play must be a mapping',
      fix: "write '- hosts: …' and the other keys below it",
      at,
    })
    return []
  }
  const play = raw as Readonly<Record<string, any>>
  const isImport = Object.hasOwn(play, 'import_playbook')
  const problems = validate(isImport ? importSchema : playSchema, play, {
    at,
    of: isImport ? 'of an import' : 'of a play',
    unknown: name => (known.includes(name) ? undefined : ansibleHint(name)),
    missing: name => (name === 'hosts' ? "add 'hosts: PATTERN'" : undefined),
  })
  for (const problem of problems) findings.add(problem)
  if (!isImport) return [{raw: play, directory: dirname(path), at, tags, valid: problems.length === 0}]
  if (problems.length > 0) return []
  const spot = spotOf(play, 'import_playbook')
  return readPlaybook(resolve(dirname(path), play['import_playbook']), findings, {
    ...(spot && {at: spot.value}),
    tags: [...tags, ...asList(play['tags'])],
    above: [...above, path],
  })
}
