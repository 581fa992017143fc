import {existsSync, readdirSync} from 'node:fs'
import {basename, dirname, resolve} from 'node:path'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {copyMarks, spotOf, startOf} from '../diagnostics/positions.ts'
import {splitPattern} from '../inventory/patterns.ts'
import {moduleName} from './module-names.ts'
import {ansibleHint} from './not-supported.ts'
import {displayPath, expandPath} from './paths.ts'
import {importSchema, playSchema} from './schema.ts'
import {type Path, type Violation, violations} from './validate.ts'
import {readYaml} from './yaml.ts'

/** One play as it was written, checked against the schema. */
export type RawPlay = {
  readonly raw: Readonly<Record<string, any>>
  /** Directory of its playbook: `roles/`, `group_vars/` and `vars_files` are looked for there. */
  readonly directory: string
  readonly at: Position
  /** Tags of the imports above it. */
  readonly tags: readonly string[]
}

export const asList = (value: unknown): readonly string[] =>
  value === undefined || value === null ? [] : [value].flat().map(String)

/** The parts of a play's `hosts:`, a pattern or a list of them. */
export const hostPattern = (value: unknown): readonly string[] => asList(value).flatMap(splitPattern)

const known = Object.keys(playSchema.properties)
const itemNames: Readonly<Record<string, string>> = {
  pre_tasks: 'a task',
  tasks: 'a task',
  post_tasks: 'a task',
  handlers: 'a handler',
  roles: 'a role',
}

/** Items of a play are named by what they are; their place tells which. */
const partName = ([section = '', index, ...rest]: Path): string | undefined => {
  const item = itemNames[section]
  if (item === undefined || typeof index !== 'number') return undefined
  return rest.length === 0 ? item : `'${rest.join('.')}'`
}

const saysWhatToDo = (item: unknown): boolean =>
  typeof item === 'object' &&
  item !== null &&
  Object.keys(item).some(key => key === 'task' || key === 'role' || moduleName(key) !== undefined)

/** A play without what the schema refused, so that all the rest is still checked. */
const readablePart = (play: RawPlay['raw'], problems: readonly Violation[]): RawPlay['raw'] => {
  const refused = (section: string, index?: number): boolean =>
    problems.some(
      ({path, unknownKey}) =>
        path[0] === section &&
        path[1] === index &&
        !(unknownKey && (index === undefined || saysWhatToDo(play[section][index]))),
    )
  const kept = Object.entries(play).flatMap(([key, value]): [string, unknown][] => {
    if (!Array.isArray(value) || itemNames[key] === undefined)
      return problems.some(({path}) => path[0] === key) ? [] : [[key, value]]
    if (refused(key)) return []
    const items = value.map((item: unknown, index) => (refused(key, index) ? undefined : item))
    return [[key, copyMarks(value, items)]]
  })
  return copyMarks(play, Object.fromEntries(kept))
}

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
  const problems = violations(isImport ? importSchema : playSchema, play, {
    at,
    owner: isImport ? 'an import' : 'a play',
    partName,
    unknown: name => (known.includes(name) ? undefined : ansibleHint(name)),
    missing: name => (name === 'hosts' ? "add 'hosts: PATTERN'" : undefined),
  })
  for (const {diagnostic} of problems) findings.add(diagnostic)
  if (!isImport) return [{raw: readablePart(play, problems), directory: dirname(path), at, tags}]
  if (problems.some(({unknownKey}) => !unknownKey)) return []
  const spot = spotOf(play, 'import_playbook')
  return readPlaybook(resolve(dirname(path), play['import_playbook']), findings, {
    ...(spot && {at: spot.value}),
    tags: [...tags, ...asList(play['tags'])],
    above: [...above, path],
  })
}
