import {randomBytes} from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {basename, dirname, join} from 'node:path'

/** Replaces what a file holds in one step, with its mode and owner; a link stays and its target is replaced. */
export const writeAtomically = (given: string, content: Buffer | string): void => {
  const path = realpathSync(given)
  const {mode, uid, gid} = statSync(path)
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  try {
    const file = openSync(beside, 'wx', 0o600)
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    const made = statSync(beside)
    if (made.uid !== uid || made.gid !== gid) chownSync(beside, uid, gid)
    chmodSync(beside, mode & 0o7777)
    renameSync(beside, path)
  } finally {
    rmSync(beside, {force: true})
  }
}
