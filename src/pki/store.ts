import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {writeAtomically} from '../vault/atomic-write.ts'
import {copiesOf, keyNames} from './copies.ts'
import {type Index, indexName, type Place, readIndex} from './index-file.ts'
import {locked} from './lock.ts'

/** What changes files; tests give one that fails half way. */
export type Disk = {
  readonly write: (path: string, content: Buffer | string, mode: number) => void
  readonly rename: (from: string, to: string) => void
  readonly remove: (path: string) => void
}
export const realDisk: Disk = {write: writeAtomically, rename: renameSync, remove: path => rmSync(path, {force: true})}

/** A private key, encrypted, and the serial of the certificate that it was made for. */
export type SealedKey = {readonly name: string; readonly serial: string; readonly text: string}

export type Change<Result> = {readonly index: Index; readonly keys?: readonly SealedKey[]; readonly result: Result}

const keys = 'private'
export const keyPath = ({directory}: {directory: string}, name: string): string => join(directory, keys, `${name}.key`)
/** A key whose certificate is not in the index yet. */
const early = (name: string, serial: string): string => `.${name}.${serial}.key`

/**
 * Changes the authority. The index is the truth and is replaced in one step: what was written before it (keys under other
 * names) is removed, and what comes after it (copies for others to read) is made up for, by the next run after one that
 * was killed.
 */
export const change = <Result>(
  place: Place,
  work: (index: Index) => Promise<Change<Result>>,
  disk: Disk = realDisk,
): Promise<Result> => {
  mkdirSync(place.directory, {recursive: true})
  mkdirSync(join(place.directory, keys), {recursive: true, mode: 0o700})
  return locked(place, async () => {
    const before = readIndex(place)
    settle(place, before ?? {version: 1}, disk)
    const {index, keys: made = [], result} = await work(before ?? {version: 1})
    for (const {name, serial, text} of made) disk.write(join(place.directory, keys, early(name, serial)), text, 0o600)
    disk.write(join(place.directory, indexName), `${JSON.stringify(index, null, 2)}\n`, 0o644)
    settle(place, index, disk)
    return result
  })
}

const settle = (place: Place, index: Index, disk: Disk): void => {
  for (const folder of ['', keys, 'issued', 'ssh']) removeHalves(join(place.directory, folder), disk)
  const folder = join(place.directory, keys)
  const known = keyNames(index)
  for (const file of readdirSync(folder)) {
    const [, name = '', serial = ''] = /^\.(.+)\.([0-9a-f]{32})\.key$/.exec(file) ?? []
    if (serial === '') continue
    if (known.get(name)?.has(serial)) disk.rename(join(folder, file), keyPath(place, name))
    else disk.remove(join(folder, file))
  }
  for (const [name, content] of copiesOf(index)) {
    const path = join(place.directory, name)
    if (textOf(path)?.equals(Buffer.from(content))) continue
    mkdirSync(dirname(path), {recursive: true})
    disk.write(path, content, 0o644)
  }
}

/** What a killed run has written beside a file, and not renamed any more. */
const removeHalves = (folder: string, disk: Disk): void => {
  if (!existsSync(folder)) return
  for (const file of readdirSync(folder)) if (/^\..+\.[0-9a-f]{12}$/.test(file)) disk.remove(join(folder, file))
}

const textOf = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
