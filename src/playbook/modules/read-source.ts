import {readFileSync, statSync} from 'node:fs'
import {InvalidInput, type Position} from '../../diagnostic.ts'
import {Bytes, type Content} from '../../resources/content.ts'
import {fourDigits} from '../../resources/symbolic-mode.ts'
import {messageOf} from '../../wording.ts'

const known = new Map<string, {readonly stamp: string; readonly content: Content}>()

/** What a file of the project holds, read once a run. Throws InvalidInput. */
export const readSource = (path: string, at: Position): Content =>
  reading(path, at, () => {
    const {mtimeMs, size} = statSync(path)
    const stamp = `${mtimeMs} ${size}`
    const before = known.get(path)
    if (before?.stamp === stamp) return before.content
    const bytes = readFileSync(path)
    if (bytes.subarray(0, 15).toString() === '$ANSIBLE_VAULT;') throw new Error('it is encrypted with Ansible Vault')
    const content = new Bytes(bytes)
    known.set(path, {stamp, content})
    return content
  })

export const sourceMode = (path: string, at: Position): string =>
  reading(path, at, () => fourDigits(statSync(path).mode & 0o7777))

export const isDirectory = (path: string, at: Position): boolean =>
  reading(path, at, () => statSync(path).isDirectory())

const reading = <Result>(path: string, at: Position, read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    const fix = 'the file has to be readable on this machine'
    throw new InvalidInput([{rule: 'source-file', what: `${path} cannot be read`, why: messageOf(error), fix, at}])
  }
}
