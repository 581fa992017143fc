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

/**
 * Replaces what a file holds in one step, with its mode and owner; a link stays and its target is replaced. With
 * `modeOfNew` a file that is missing is made.
 */
export const writeAtomically = (given: string, content: Buffer | string, modeOfNew?: number): void => {
  const isNew = modeOfNew !== undefined && statSync(given, {throwIfNoEntry: false}) === undefined
  const path = isNew ? given : realpathSync(given)
  const before = isNew ? undefined : statSync(path)
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
    if (before && (made.uid !== before.uid || made.gid !== before.gid)) chownSync(beside, before.uid, before.gid)
    chmodSync(beside, (before?.mode ?? modeOfNew ?? 0o600) & 0o7777)
    renameSync(beside, path)
  } finally {
    rmSync(beside, {force: true})
  }
  syncDirectory(dirname(path))
}

/** The new name is on the disk too, also after a power cut. */
const syncDirectory = (path: string): void => {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
