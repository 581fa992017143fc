import {existsSync} from 'node:fs'
import {basename, dirname, isAbsolute, join, resolve} from 'node:path'
import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {spotOf, startOf} from '../diagnostics/positions.ts'
import {asText} from './as-text.ts'
import {checkKeys} from './check-keys.ts'
import {type Frame, layersIn, type RawTask, type Written} from './frames.ts'
import {isMapping} from './mapping.ts'
import type {Block, InBlock} from './model.ts'
import {displayPath, expandPath} from './paths.ts'
import {blockSchema, handlerSchema, importTasksSchema, taskSchema} from './schema.ts'
import {importTasksNames} from './schema-parts.ts'
import type {Layer, Scope} from './scope.ts'
import {staticValue} from './static-values.ts'
import {tagsIn} from './tags.ts'
import {readYaml} from './yaml.ts'
import {yamlFilesIn} from './yaml-files.ts'

/** What reading the tasks of a play needs of it. */
export type Reading = {
  readonly findings: Findings
  /** Of the playbook. */
  readonly directory: string
  readonly statics: Scope
  readonly extra: readonly Layer[]
  readonly owner: 'a task' | 'a handler'
}

/** Where a list of tasks stands. */
export type Around = {
  readonly frames: readonly Frame[]
  readonly blocks: readonly InBlock[]
  /** Of the file that holds the list. */
  readonly directory: string
  /** Files that are being imported, outermost first, with the names that the imports give them. */
  readonly files: readonly {readonly path: string; readonly written: string}[]
}

const isBlock = (raw: unknown): boolean =>
  isMapping(raw) && ['block', 'rescue', 'always'].some(key => Object.hasOwn(raw, key))
const importKey = (raw: unknown): string | undefined =>
  isMapping(raw) ? importTasksNames.find(key => Object.hasOwn(raw, key)) : undefined

/** The tasks of a list in their order, those of its blocks and imported files included. */
export const readTasks = (items: unknown, at: Position, around: Around, reading: Reading): readonly Written[] =>
  Array.isArray(items)
    ? items.flatMap((raw: unknown, index) => readItem(raw, spotOf(items, index)?.value ?? at, around, reading))
    : []

const readItem = (given: unknown, at: Position, around: Around, reading: Reading): readonly Written[] => {
  const {findings, owner} = reading
  const key = importKey(given)
  if (key !== undefined) {
    const raw = checkKeys(importTasksSchema, given, {at, owner: 'an import'}, findings)
    return raw ? readImport(raw, key, at, around, reading) : []
  }
  if (isBlock(given) && owner === 'a task') {
    const raw = checkKeys(blockSchema, given, {at, owner: 'a block'}, findings)
    return raw ? readBlock(raw, at, around, reading) : []
  }
  const schema = owner === 'a task' ? taskSchema : handlerSchema
  const raw = checkKeys(schema, given, {at, owner}, findings)
  if (!raw) return []
  const frames = [...around.frames, {owner, raw, at}]
  const tags = tagsIn(frames, value => staticValue(value.value, value.at, scopeOf(frames, reading), findings))
  return [{raw, at, frames, blocks: around.blocks, tags, directory: around.directory}]
}

const scopeOf = (frames: readonly Frame[], {statics, extra}: Reading): Scope => statics.with(layersIn(frames), extra)

const readBlock = (raw: RawTask, at: Position, around: Around, reading: Reading): readonly Written[] => {
  const block: Block = {
    at,
    hasRescue: Array.isArray(raw['rescue']) && raw['rescue'].length > 0,
    ...(raw['name'] !== undefined && {name: String(raw['name'])}),
  }
  const frames = [...around.frames, {owner: 'a block', raw, at}]
  const parts = [
    ['block', 'body'],
    ['rescue', 'rescue'],
    ['always', 'always'],
  ] as const
  return parts.flatMap(([key, part]) =>
    readTasks(raw[key], at, {...around, frames, blocks: [...around.blocks, {block, part}]}, reading),
  )
}

const readImport = (raw: RawTask, key: string, at: Position, around: Around, reading: Reading): readonly Written[] => {
  const {findings} = reading
  const frames = [...around.frames, {owner: 'an import', raw, at}]
  const given: unknown = raw[key]
  const place = (isMapping(given) ? spotOf(given, 'file')?.value : undefined) ?? spotOf(raw, key)?.value ?? at
  const value = staticValue(isMapping(given) ? given['file'] : given, place, scopeOf(frames, reading), findings)
  if (value === undefined) return []
  const written = asText(value)
  const path = findImport(written, around, reading)
  if (path === undefined) {
    const [near = reading.directory] = candidates(written, around, reading).map(dirname)
    const fix = suggest(basename(written), yamlFilesIn(near))
    findings.add({
      rule: 'no-tasks-file',
      what: `the file of tasks ${written} does not exist`,
      why: `it is in none of ${[...new Set(candidates(written, around, reading).map(dirname))].map(displayPath).join(', ')}`,
      ...(fix !== undefined && {fix}),
      at: place,
    })
    return []
  }
  const above = around.files.map(file => file.path)
  if (above.includes(path)) {
    const circle = [...above.slice(above.indexOf(path)), path].map(file => basename(file)).join(' -> ')
    findings.add({
      rule: 'import-cycle',
      what: `${displayPath(path)} imports itself: ${circle}`,
      fix: 'remove one of the imports',
      at: place,
    })
    return []
  }
  const tasks = readYaml(path, findings, place, 'vars')
  if (tasks === undefined || tasks === null) return []
  if (!Array.isArray(tasks)) {
    findings.add({
      rule: 'tasks-form',
      what: 'a file of tasks must be a list of tasks',
      fix: 'begin each task with a dash; a whole play is imported with import_playbook',
      at: startOf(tasks) ?? place,
    })
    return []
  }
  const files = [...around.files, {path, written}]
  return readTasks(tasks, place, {...around, frames, files, directory: dirname(path)}, reading)
}

/** Ansible's search: beside the importing files, innermost first, then beside the playbook. */
const candidates = (written: string, {files}: Around, {directory}: Reading): readonly string[] => {
  if (isAbsolute(written) || written.startsWith('~')) return [expandPath(written)]
  const found: string[] = []
  let folder: string | undefined
  for (const file of files.toReversed()) {
    const own = dirname(file.written)
    folder = folder === undefined || isAbsolute(folder) ? (folder ?? own) : join(own, folder)
    found.push(resolve(directory, folder, written), resolve(directory, written))
  }
  return [...new Set([...found, resolve(directory, written)])]
}

const findImport = (written: string, around: Around, reading: Reading): string | undefined =>
  candidates(written, around, reading).find(path => existsSync(path))
