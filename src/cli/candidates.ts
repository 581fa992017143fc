import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import {Findings} from '../diagnostics/findings.ts'
import type {Index} from '../pki/index-file.ts'
import type {Candidate} from './complete.ts'
import {loadOptions, projectOf} from './flags.ts'
import type {Io} from './io.ts'

/** What has been typed so far. */
export type Given = {
  readonly command: string
  /** Values of flags, by their long names in camel case. */
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly bare: readonly string[]
  /** The word, or the part behind `--flag=`, that is being typed. */
  readonly typed: string
}
export type Candidates = readonly (string | Candidate)[]
type Find = (given: Given, io: Io) => Candidates | Promise<Candidates>

/** What may stand for a placeholder of a help text: `<pattern>`, `<file>`. Others are free text. */
export const candidatesOf = async (placeholder: string, given: Given, io: Io): Promise<Candidates> =>
  (await finders[placeholder]?.(given, io)) ?? []

const files: Find = ({typed}, {cwd}) => entriesFor(typed, cwd, () => true)
const finders: Readonly<Record<string, Find>> = {
  file: files,
  path: files,
  playbook: ({typed}, {cwd}) => entriesFor(typed, cwd, name => /\.ya?ml$/.test(name)),
  vars: ({typed}, {cwd}) =>
    typed.startsWith('@') ? entriesFor(typed.slice(1), cwd, () => true).map(path => `@${path}`) : [],
  pattern: (given, io) => patterns(given, io),
  host: async (given, io) => (await inventoryNames(given, io)).hosts,
  tags: (given, io) => listed(given.typed, tagsOf(given, io)),
  'role.task': (given, io) => roleTasks(given, io),
  certificate: (given, io) => certificateNames(given, io, ({x509}) => x509?.certificates),
  device: (given, io) => wireguardNames(given, io),
  'ssh-certificate': (given, io) => certificateNames(given, io, ({ssh}) => ssh?.certificates),
}

const wireguardNames: Find = async ({values, bare}, io) => {
  const [{readWireguardKeys}, {placeOf}] = await Promise.all([import('../pki/wireguard.ts'), import('./pki-desk.ts')])
  try {
    const names = Object.keys(readWireguardKeys(placeOf({directory: values.get('directory')?.at(-1) ?? 'pki'}, io)))
    return names.filter(name => !bare.includes(name))
  } catch (error) {
    // What is wrong with it is said when the command is run.
    if (error instanceof InvalidInput) return []
    throw error
  }
}

/** Names that the site's authority has given out. */
const certificateNames = async (
  {values, bare}: Given,
  io: Io,
  certificatesOf: (index: Index) => readonly {readonly name: string}[] | undefined,
): Promise<readonly string[]> => {
  const [{readIndex}, {placeOf}] = await Promise.all([import('../pki/index-file.ts'), import('./pki-desk.ts')])
  try {
    const index = readIndex(placeOf({directory: values.get('directory')?.at(-1) ?? 'pki'}, io))
    const names = (index && certificatesOf(index))?.map(({name}) => name) ?? []
    return [...new Set(names)].filter(name => !bare.includes(name)).toSorted()
  } catch (error) {
    // What is wrong with it is said when the command is run.
    if (error instanceof InvalidInput) return []
    throw error
  }
}

/** Entries of the directory that is being typed; directories end with a slash. */
const entriesFor = (typed: string, cwd: string, isWanted: (name: string) => boolean): string[] => {
  const directory = typed.slice(0, typed.lastIndexOf('/') + 1)
  const place = directory.startsWith('~/') ? join(homedir(), directory.slice(2)) : resolve(cwd, directory)
  const isHiddenWanted = typed.slice(directory.length).startsWith('.')
  return entriesOf(place)
    .filter(entry => isHiddenWanted || !entry.name.startsWith('.'))
    .flatMap(entry => {
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && existsSync(join(place, entry.name, '.')))
      if (isFolder) return [`${directory}${entry.name}/`]
      return isWanted(entry.name) ? [directory + entry.name] : []
    })
}

const entriesOf = (directory: string) => {
  try {
    return readdirSync(directory, {withFileTypes: true}).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

/** `gateways:!gw1`: what follows the last sign is completed. */
const patterns = async (given: Given, io: Io): Promise<Candidates> => {
  const before = /^(?:.*[:,])?[!&]?/s.exec(given.typed)?.[0] ?? ''
  if (given.typed.startsWith('@')) return entriesFor(given.typed.slice(1), io.cwd, () => true).map(path => `@${path}`)
  const {hosts, groups} = await inventoryNames(given, io)
  return [
    ...groups.map(name => ({word: before + name, says: 'group'})),
    ...hosts.map(name => ({word: before + name, says: 'host'})),
  ]
}

const inventoryNames = async ({values, bare, command}: Given, io: Io): Promise<{hosts: string[]; groups: string[]}> => {
  const playbooks = command === 'play' || command === 'check' ? bare : []
  const inventory = values.get('inventory')
  try {
    const {inventories} = loadOptions(playbooks, inventory ? {inventory} : {}, io)
    const {readInventory} = await import('../inventory/read-inventory.ts')
    const {hosts, groups} = readInventory(inventories, new Findings())
    return {hosts: [...hosts.keys()], groups: [...groups.keys()]}
  } catch (error) {
    // What is wrong with it is said when the command is run.
    if (error instanceof InvalidInput) return {hosts: [], groups: []}
    throw error
  }
}

/** `a,b`: what follows the last comma is completed, with what is not there yet. */
const listed = async (typed: string, all: Promise<readonly string[]>): Promise<string[]> => {
  const before = typed.slice(0, typed.lastIndexOf(',') + 1)
  const there = new Set(before.split(','))
  return (await all).filter(name => !there.has(name)).map(name => before + name)
}

const roleTasks: Find = (_given, {cwd}) => {
  const folders = [join(projectOf([], cwd), 'roles'), resolve(import.meta.dirname, '../../roles')]
  const found = folders.flatMap(folder =>
    entriesOf(folder).flatMap(({name}) =>
      entriesOf(join(folder, name, 'tasks')).flatMap(task => {
        const base = /^(.+)\.(?:ts|js|mjs)$/.exec(task.name)?.[1]
        return base === undefined || base.endsWith('.d') ? [] : [`${name}.${base}`]
      }),
    ),
  )
  return [...new Set(found)]
}

const inside = /^(?:pre_tasks|tasks|post_tasks|handlers|roles|block|rescue|always)$/
const imports = /^(?:ansible\.builtin\.)?(?:import|include)_(?:playbook|tasks)$/

/** Every tag that the playbooks on the line name, also in what they import. */
const tagsOf = async ({bare}: Given, {cwd}: Io): Promise<string[]> => {
  const {load} = await import('js-yaml')
  const tags = new Set<string>()
  const seen = new Set<string>()
  const read = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    try {
      walk(load(readFileSync(path, 'utf8')), dirname(path))
    } catch {
      // What is wrong with it is said when the command is run.
    }
  }
  const walk = (node: unknown, directory: string): void => {
    if (Array.isArray(node)) for (const each of node) walk(each, directory)
    else if (node !== null && typeof node === 'object')
      for (const [key, value] of Object.entries(node))
        if (key === 'tags')
          for (const tag of [value].flat()) for (const name of String(tag).split(',')) tags.add(name.trim())
        else if (inside.test(key)) walk(value, directory)
        else if (imports.test(key)) {
          const file = typeof value === 'string' ? value : (value as {file?: unknown} | null)?.file
          if (typeof file === 'string') read(resolve(directory, file))
        }
  }
  for (const path of bare) read(resolve(cwd, path))
  return [...tags].toSorted()
}
