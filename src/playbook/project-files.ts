import {globSync, statSync} from 'node:fs'
import {basename, dirname, isAbsolute, join, resolve} from 'node:path'
import type {Scope} from './scope.ts'

const isThere = (path: string): boolean => statSync(path, {throwIfNoEntry: false}) !== undefined

/** Directories in which a scope's expressions look for files: of the role, then beside the playbook. */
const rootsOf = (scope: Scope): readonly string[] =>
  ['role_path', 'playbook_dir'].map(name => scope.variable(name)).filter(path => typeof path === 'string')

/** Ansible's search: `files/` (or `templates/`) beside the playbook, then beside it. */
export const findFile = (name: string, directory: 'files' | 'templates', scope: Scope): string | undefined => {
  if (isAbsolute(name)) return isThere(name) ? name : undefined
  return rootsOf(scope)
    .flatMap(root => [join(root, directory), root])
    .map(root => resolve(root, name))
    .find(isThere)
}

/** Files that a pattern matches, sorted by their paths. */
export const globFiles = (pattern: string, scope: Scope): readonly string[] => {
  const name = basename(pattern)
  const directories = isAbsolute(pattern)
    ? [dirname(pattern)]
    : pattern === name
      ? rootsOf(scope).flatMap(root => [join(root, 'files'), root])
      : [findFile(dirname(pattern), 'files', scope)].filter(found => found !== undefined)
  for (const directory of directories) {
    const found = globSync(name, {cwd: directory})
      .filter(file => name.startsWith('.') || !file.startsWith('.'))
      .map(file => join(directory, file))
      .filter(path => statSync(path).isFile())
    if (found.length) return found.toSorted()
  }
  return []
}
