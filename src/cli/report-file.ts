import {accessSync, constants, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {basename, dirname, join, resolve} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'
import {messageOf} from '../wording.ts'

/**
 * A file that is written as a whole or not at all. Its directory is made and tried at once, so that a run does not end
 * without it; throws InvalidInput.
 */
export const reportFile = (flag: string, path: string, cwd: string): ((text: string) => void) => {
  const file = resolve(cwd, path)
  const directory = dirname(file)
  try {
    mkdirSync(directory, {recursive: true})
    accessSync(directory, constants.W_OK)
  } catch (error) {
    const what = `${flag} ${path} cannot be written: ${messageOf(error)}`
    throw new InvalidInput([{rule: 'unwritable-report', what, fix: 'name a file in a directory that you may write to'}])
  }
  return text => {
    const candidate = join(directory, `.${basename(file)}.${process.pid}`)
    try {
      writeFileSync(candidate, text)
      renameSync(candidate, file)
    } finally {
      rmSync(candidate, {force: true})
    }
  }
}
