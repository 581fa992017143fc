import {existsSync} from 'node:fs'
import {isAbsolute, join} from 'node:path'
import {InvalidInput, type Position} from '../diagnostic.ts'
import type {Written} from './frames.ts'
import {displayPath, expandPath} from './paths.ts'

/** Ansible's search for the files of a task: below and beside the file in which it stands, then the playbook's. */
export const findFile = (
  name: string,
  directory: 'files' | 'templates',
  {written, base, at, host}: {written: Written; base: string; at: Position; host: string},
): string => {
  const isWhole = isAbsolute(name) || name.startsWith('~')
  const folders = [...new Set([written.directory, base])]
  const places = isWhole
    ? [expandPath(name)]
    : folders.flatMap(folder => [
        ...(name.split('/')[0] === directory ? [] : [join(folder, directory, name)]),
        join(folder, name),
      ])
  const found = places.find(path => existsSync(path))
  if (found !== undefined) return found
  throw new InvalidInput([
    {
      rule: 'missing-file',
      what: `the file ${name} does not exist`,
      why: isWhole ? 'it is looked for on the control machine' : `it is none of ${places.map(displayPath).join(', ')}`,
      fix: 'create it, or correct the path',
      at,
      host,
    },
  ])
}
