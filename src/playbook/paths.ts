import {homedir} from 'node:os'
import {isAbsolute, join, relative, resolve} from 'node:path'

/** A path as the user would type it here: relative when it is below the current directory. */
export const displayPath = (path: string): string => {
  const below = relative(process.cwd(), path)
  return below === '' ? '.' : below.startsWith('..') || isAbsolute(below) ? path : below
}

/** `~` and relative paths as the shell would see them. */
export const expandPath = (path: string, from: string = process.cwd()): string =>
  resolve(from, path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path)
