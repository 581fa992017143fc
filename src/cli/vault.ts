import {readFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {YAMLException} from 'js-yaml'
import {InvalidInput, type Position} from '../diagnostic.ts'
import {suggest} from '../diagnostics/nearest.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import {displayPath} from '../playbook/paths.ts'
import {writeAtomically} from '../vault/atomic-write.ts'
import {seal} from '../vault/cipher.ts'
import {isVaulted, writeEnvelope} from '../vault/envelope.ts'
import {type InlineValue, inlineText, inlineValues, keyText, withPlain, withText} from '../vault/inline-values.ts'
import {type Keyring, openAt, openedAt, type VaultKey} from '../vault/keyring.ts'
import type {Io} from './io.ts'
import {encryptionKey, keyringOf, type NewKeyFlags, newKeyOf, orPrompt, type VaultFlags} from './vault-flags.ts'

type KeyFlags = VaultFlags & {readonly key?: string}
type EncryptFlags = VaultFlags & {
  readonly string?: string
  readonly stdinName?: string
  readonly name?: string
  readonly encryptVaultId?: string
}

const refuse = (rule: string, what: string, fix: string, at?: Position): never => {
  throw new InvalidInput([{rule, what, fix, ...(at && {at})}])
}

const start = (file: string): Position => ({file: displayPath(file), line: 1, column: 1})

const read = (given: string, {cwd}: Io): {path: string; content: Buffer} => {
  const path = resolve(cwd, given)
  try {
    return {path, content: readFileSync(path)}
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return refuse(
      'unreadable-file',
      `${displayPath(path)} ${missing ? 'does not exist' : 'cannot be read'}`,
      missing ? 'check the path' : (error as Error).message,
    )
  }
}

const placeIn = (path: string, source: string, offset: number): Position => {
  const before = source.slice(0, offset).split('\n')
  return {file: displayPath(path), line: before.length, column: (before.at(-1)?.length ?? 0) + 1}
}

const valuesIn = (path: string, source: string): readonly InlineValue[] => {
  try {
    return inlineValues(source)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const {line = 0, column = 0} = error.mark ?? {}
    return refuse('yaml-syntax', `this is not YAML: ${error.reason}`, 'check this line and the one above', {
      file: displayPath(path),
      line: line + 1,
      column: column + 1,
    })
  }
}

const valueAt = (path: string, source: string, key: string): InlineValue => {
  const values = valuesIn(path, source)
  const found = values.find(value => value.key === keyText(key))
  if (found) return found
  const fix =
    suggest(
      keyText(key),
      values.map(value => value.key),
    ) ?? 'encrypt one with gatewright vault encrypt --stdin-name'
  return refuse('unknown-key', `${displayPath(path)} has no encrypted value '${key}'`, fix)
}

const headerOf = (path: string, source: string, {start: from}: InlineValue): Position =>
  placeIn(path, source, Math.max(from, source.indexOf('$ANSIBLE_VAULT', from)))

/** The whole file, or the one value that `--key` names. */
const opened = (path: string, content: Buffer, key: string | undefined, keys: Keyring) => {
  const source = content.toString()
  if (key !== undefined) {
    const value = valueAt(path, source, key)
    return {source, value, ...openedAt(value.text, headerOf(path, source, value), keys)}
  }
  if (isVaulted(content)) return {source, value: undefined, ...openedAt(source, start(path), keys)}
  const inside = /\.(ya?ml|json)$/.test(path) || source.includes('!vault') ? valuesIn(path, source) : []
  return refuse(
    'vault-plain',
    'the file is not encrypted',
    inside.length > 0
      ? `name one of the encrypted values in it with --key: ${inside.map(value => value.key).join(', ')}`
      : 'check the name of the file',
    start(path),
  )
}

/** `gatewright vault view FILE…` */
export const view = (files: readonly string[], flags: KeyFlags, io: Io): number => {
  const keys = orPrompt(keyringOf(flags, io))
  for (const given of files) {
    const {path, content} = read(given, io)
    const {plain} = opened(path, content, flags.key, keys)
    io.stdout.write(plain.toString())
    if (flags.key !== undefined && !plain.toString().endsWith('\n')) io.stdout.write('\n')
  }
  return exitCodes.ok
}

/** Nothing is written before every file could be read and worked out. */
const rewrite = (
  files: readonly string[],
  io: Io,
  work: (path: string, content: Buffer) => Buffer | string,
): number => {
  const results = files.map(given => {
    const {path, content} = read(given, io)
    return {path, result: work(path, content)}
  })
  for (const {path, result} of results) writeAtomically(path, result)
  return exitCodes.ok
}

/** `gatewright vault decrypt FILE…` */
export const decrypt = (files: readonly string[], flags: KeyFlags, io: Io): number => {
  const keys = orPrompt(keyringOf(flags, io))
  return rewrite(files, io, (path, content) => {
    const {source, value, plain} = opened(path, content, flags.key, keys)
    return value ? withPlain(source, value, plain.toString()) : plain
  })
}

const sealed = (plain: Buffer, {password, label}: VaultKey): string => writeEnvelope(seal(plain, password()), label)

/** `gatewright vault encrypt FILE…`, or one text for a YAML file. */
export const encrypt = (files: readonly string[], flags: EncryptFlags, io: Io): number => {
  const {string: text, stdinName} = flags
  const key = encryptionKey(orPrompt(keyringOf(flags, io), {isNew: true}), flags.encryptVaultId)
  if (text !== undefined || stdinName !== undefined) {
    if (files.length > 0) refuse('usage', 'files and a text are two things', 'encrypt them one after the other')
    const plain = text === undefined ? readFileSync(0) : Buffer.from(text)
    io.stdout.write(inlineText(flags.name ?? stdinName, plain, key.password(), key.label))
    return exitCodes.ok
  }
  if (files.length === 0) refuse('usage', 'nothing is named to encrypt', 'name files, or use --stdin-name NAME')
  return rewrite(files, io, (path, content) =>
    isVaulted(content)
      ? refuse('vault-encrypted', 'the file is encrypted already', 'use gatewright vault rekey', start(path))
      : sealed(content, key),
  )
}

/** `gatewright vault rekey FILE…`: all of a file, or the encrypted values in it. */
export const rekey = (files: readonly string[], flags: KeyFlags & NewKeyFlags, io: Io): number => {
  const keys = orPrompt(keyringOf(flags, io))
  const next = newKeyOf(flags, io)
  return rewrite(files, io, (path, content) => {
    const source = content.toString()
    const all = flags.key === undefined && !isVaulted(content) ? valuesIn(path, source) : []
    if (all.length === 0) {
      const {value, plain} = opened(path, content, flags.key, keys)
      return value ? withText(source, value, sealed(plain, next)) : sealed(plain, next)
    }
    return all.reduceRight(
      (text, value) => withText(text, value, sealed(openAt(value.text, headerOf(path, source, value), keys), next)),
      source,
    )
  })
}

/** `gatewright vault edit FILE`; a text that was not changed leaves the file as it is. */
export const edit = async (given: string, flags: KeyFlags, io: Io): Promise<number> => {
  const {path, content} = read(given, io)
  const {source, value, plain, key, label} = opened(path, content, flags.key, orPrompt(keyringOf(flags, io)))
  const {editText} = await import('./edit-text.ts')
  const changed = await editText(plain, path, io)
  if (changed.equals(plain)) return exitCodes.ok
  const text = sealed(changed, {...key, label: label ?? 'default'})
  writeAtomically(path, value ? withText(source, value, text) : text)
  return exitCodes.ok
}
