import {existsSync} from 'node:fs'
import {basename, dirname, resolve} from 'node:path'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf, startOf} from '../diagnostics/positions.ts'
import type {Inventory} from '../inventory/model.ts'
import {splitPattern} from '../inventory/patterns.ts'
import {asText} from './as-text.ts'
import {checkKeys} from './check-keys.ts'
import type {Frame, Written} from './frames.ts'
import {isMapping} from './mapping.ts'
import {displayPath, expandPath} from './paths.ts'
import {readRoles} from './read-roles.ts'
import {readTasks} from './read-tasks.ts'
import {importPlaybookSchema, playSchema} from './schema.ts'
import {importPlaybookNames} from './schema-parts.ts'
import type {Layer, Scope} from './scope.ts'
import {staticScope, staticValue} from './static-values.ts'
import {readYaml} from './yaml.ts'
import {yamlFilesIn} from './yaml-files.ts'

export type Section = 'pre_tasks' | 'roles' | 'tasks' | 'post_tasks' | 'handlers'

/** One play as it was written, checked against the schema, with the tasks of all files that it imports. */
export type RawPlay = {
  readonly raw: Readonly<Record<string, any>>
  /** Directory of its playbook: `roles/`, `group_vars/` and `vars_files` are looked for there. */
  readonly directory: string
  readonly at: Position
  /** The parts of its pattern of hosts, evaluated; none after a problem. */
  readonly hosts: readonly string[]
  /** The imports above it, outermost first, and the play. */
  readonly frames: readonly Frame[]
  /** Its own variables and, stronger, those of the imports above it. */
  readonly vars: readonly Layer[]
  /** What is known before any host is. */
  readonly statics: Scope
  readonly sections: Readonly<Record<Section, readonly Written[]>>
}

/** What a playbook is read with: a place for every problem, the variables of `-e`, and the inventory. */
export type Reader = {readonly findings: Findings; readonly extra: readonly Layer[]; readonly inventory: Inventory}
type From = {
  readonly at?: Position
  readonly imports: readonly Frame[]
  /** Files that are being read. */
  readonly above: readonly string[]
}

/** Reads a playbook and those that it imports, in order. */
export const readPlaybook = (
  given: string,
  reader: Reader,
  from: From = {imports: [], above: []},
): readonly RawPlay[] => {
  const {findings} = reader
  const path = expandPath(given)
  const {at, above} = from
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
    const fix = existsSync(directory)
      ? suggest(basename(path), yamlFilesIn(directory))
      : `the directory ${displayPath(directory)} does not exist either`
    findings.add({
      rule: 'no-playbook',
      what: `the playbook ${displayPath(path)} does not exist`,
      ...(fix && {fix}),
      ...place,
    })
    return []
  }
  const value = readYaml(path, findings, undefined, 'vars')
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
  return value.flatMap((raw: unknown, index) => {
    const playAt = spotOf(value, index)?.value ?? start
    const isImport = isMapping(raw) && importPlaybookNames.some(key => Object.hasOwn(raw, key))
    const read = isImport ? readImport : readPlay
    return read(raw, playAt, path, from, reader)
  })
}

const readImport = (
  given: unknown,
  at: Position,
  path: string,
  {imports, above}: From,
  reader: Reader,
): readonly RawPlay[] => {
  const {findings} = reader
  const raw = checkKeys(importPlaybookSchema, given, {at, owner: 'an import'}, findings)
  const key = importPlaybookNames.find(name => raw && Object.hasOwn(raw, name))
  if (!raw || key === undefined) return []
  const place = spotOf(raw, key)?.value ?? at
  const statics = staticScope(
    layers([{owner: 'an import', raw, at}]),
    {},
    {
      ...reader,
      at,
      directory: dirname(path),
    },
  )
  const file = staticValue(raw[key], place, statics, findings)
  if (file === undefined) return []
  return readPlaybook(resolve(dirname(path), asText(file)), reader, {
    at: place,
    imports: [...imports, {owner: 'an import', raw, at}],
    above: [...above, path],
  })
}

/** Variables of plays and imports, from the weakest: what imports a play is stronger than the play. */
const layers = (frames: readonly Frame[]): readonly Layer[] =>
  frames.toReversed().flatMap(({owner, raw}) => {
    const name = raw['name'] === undefined ? '' : ` '${raw['name']}'`
    const who = owner === 'a play' ? 'the play' : 'the import'
    return isMapping(raw['vars']) ? [{name: `vars of ${who}${name}`, vars: raw['vars']}] : []
  })

const readPlay = (given: unknown, at: Position, path: string, {imports}: From, reader: Reader): readonly RawPlay[] => {
  const {findings, extra} = reader
  if (!isMapping(given)) {
    findings.add({
      rule: 'playbook-form',
      what: 'a play must be a mapping',
      fix: "write '- hosts: …' and the other keys below it",
      at,
    })
    return []
  }
  const raw = checkKeys(playSchema, given, {at, owner: 'a play'}, findings)
  if (!raw) return []
  const directory = dirname(path)
  const play: Frame = {owner: 'a play', raw, at}
  const frames = [...imports, play]
  const vars = layers(frames)
  const statics = staticScope(vars, raw, {...reader, at, directory})
  const pattern = staticValue(raw['hosts'] ?? [], spotOf(raw, 'hosts')?.value ?? at, statics, findings)
  const reading = {findings, directory, statics, extra, owner: 'a task'} as const
  const around = {frames, blocks: [], directory, files: []}
  const tasks = (key: string): readonly Written[] => readTasks(raw[key], at, around, reading)
  const sections = {
    pre_tasks: tasks('pre_tasks'),
    roles: readRoles(raw['roles'], at, around, reading),
    tasks: tasks('tasks'),
    post_tasks: tasks('post_tasks'),
    handlers: readTasks(raw['handlers'], at, {...around, frames: [play]}, {...reading, owner: 'a handler'}),
  }
  const hosts = [pattern ?? []].flat(2).map(String).flatMap(splitPattern)
  return [{raw, directory, at, hosts, frames, vars, statics, sections}]
}
