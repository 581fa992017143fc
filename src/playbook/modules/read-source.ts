import {readFileSync, statSync} from 'node:fs'
import {InvalidInput, type Position} from '../../diagnostic.ts'
import {Bytes, type Content, utf8Of} from '../../resources/content.ts'
import {fourDigits} from '../../resources/symbolic-mode.ts'
import {Secret} from '../../shell/secret.ts'
import {isVaulted} from '../../vault/envelope.ts'
import {type Keyring, openAt} from '../../vault/keyring.ts'
import {messageOf} from '../../wording.ts'
import {displayPath} from '../paths.ts'

const known = new Map<string, {readonly stamp: string; readonly content: Content}>()

/** What a file of the project holds, read once a run. Throws InvalidInput. */
export const readSource = (path: string, at: Position, keys: Keyring): Content =>
  reading(path, at, () => {
    const {mtimeMs, size} = statSync(path)
    const stamp = `${mtimeMs} ${size}`
    const before = known.get(path)
    if (before?.stamp === stamp) return before.content
    const bytes = readFileSync(path)
    const content = isVaulted(bytes) ? opened(bytes, path, keys) : new Bytes(bytes)
    // A secret is one of its run alone.
    if (!(content instanceof Secret)) known.set(path, {stamp, content})
    return content
  })

const opened = (bytes: Buffer, path: string, keys: Keyring): Secret => {
  const text = utf8Of(openAt(bytes.toString(), {file: displayPath(path), line: 1, column: 1}, keys))
  if (text === undefined) throw new Error('what Ansible Vault keeps in it is no text')
  return new Secret(text)
}

export const sourceMode = (path: string, at: Position): string =>
  reading(path, at, () => fourDigits(statSync(path).mode & 0o7777))

export const isDirectory = (path: string, at: Position): boolean =>
  reading(path, at, () => statSync(path).isDirectory())

const reading = <Result>(path: string, at: Position, read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    if (error instanceof InvalidInput) throw error
    const fix = 'the file has to be readable on this machine'
    throw new InvalidInput([{rule: 'source-file', what: `${path} cannot be read`, why: messageOf(error), fix, at}])
  }
}
