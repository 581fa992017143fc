import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'

/** What Ansible skips in an inventory directory, files and folders alike. */
const skipped = '.pyc .pyo .swp .bak ~ .rpm .md .txt .rst .orig .ini .cfg .retry'.split(' ')
const ofVariables = new Set(['group_vars', 'host_vars', 'vars_plugins'])

/** Files of an inventory directory and of its folders, by name. */
export const inventoryFiles = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter(name => !name.startsWith('.') && !skipped.some(ending => name.endsWith(ending)) && !ofVariables.has(name))
    .toSorted()
    .map(name => join(directory, name))
    .flatMap(path => (statSync(path, {throwIfNoEntry: false})?.isDirectory() ? inventoryFiles(path) : [path]))
