import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {ExecutionContext} from 'ava'

/** Compares with a file beside the tests; `UPDATE_GOLDEN=1` writes it anew, for a look at the difference in git. */
export const golden = (t: ExecutionContext, directory: string, name: string, text: string): void => {
  const file = join(directory, 'golden', name)
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(dirname(file), {recursive: true})
    writeFileSync(file, text)
  }
  t.is(text, readFileSync(file, 'utf8'))
}
