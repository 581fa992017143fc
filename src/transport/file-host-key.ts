import {appendFile, mkdir, readFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {hashedName, keyTypeOf, parseKnownHosts} from './known-hosts.ts'

let last: Promise<void> = Promise.resolve()

/** Appends a key to a known_hosts file with one write; hashed, if the names in the file are. One after the other. */
export const fileHostKey = (file: string, name: string, blob: Buffer): Promise<void> => {
  const filing = last.then(() => append(file, name, blob))
  last = filing.catch(() => {})
  return filing
}

const append = async (file: string, name: string, blob: Buffer): Promise<void> => {
  await mkdir(dirname(file), {recursive: true, mode: 0o700})
  const before = await textOf(file)
  const line = `${isHashed(before) ? hashedName(name) : name} ${keyTypeOf(blob)} ${blob.toString('base64')}\n`
  await appendFile(file, before === '' || before.endsWith('\n') ? line : `\n${line}`, {mode: 0o600})
}

/** Whether the names in a known_hosts file are hashed. */
export const areNamesHashed = async (file: string): Promise<boolean> => isHashed(await textOf(file))

const isHashed = (text: string): boolean => parseKnownHosts(text, '').some(({names}) => names.startsWith('|'))

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
