import {readdirSync} from 'node:fs'
import {join, relative} from 'node:path'
import {InvalidInput} from '../diagnostic.ts'

/**
 * The inventory where none is named: the folder `inventory/` of the project, or the one inventory in it. Which of several
 * is meant is never guessed: a run on the wrong estate is worse than a question. Throws InvalidInput.
 */
export const defaultInventory = (projectDirectory: string): string => {
  const folder = join(projectDirectory, 'inventory')
  const shown = (path: string): string => relative(process.cwd(), path) || '.'
  const inside = entriesOf(folder).filter(entry => entry.isDirectory() && !/^(group|host)_vars$/.test(entry.name))
  const own = entriesOf(folder).some(entry => entry.isFile() && !entry.name.startsWith('.'))
  if (own || inside.length === 0) return shown(folder)
  const paths = inside.map(({name}) => shown(join(folder, name))).toSorted()
  if (paths[0] !== undefined && paths.length === 1) return paths[0]
  const what = `no inventory is named, and ${shown(folder)} holds several: ${paths.join(', ')}`
  throw new InvalidInput([{rule: 'no-inventory', what, fix: `name one with -i, such as -i ${paths[0]}`}])
}

const entriesOf = (folder: string) => {
  try {
    return readdirSync(folder, {withFileTypes: true})
  } catch {
    // The loader says what is wrong with a folder that cannot be read.
    return []
  }
}
