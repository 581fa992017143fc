import {readdirSync, readFileSync, statSync} from 'node:fs'
import {basename, extname, join} from 'node:path'
import {Findings} from '../diagnostics/findings.ts'
import {displayPath, expandPath} from '../playbook/paths.ts'
import {parseYaml, readYaml} from '../playbook/yaml.ts'
import {Inventory} from './model.ts'
import {YamlInventory} from './yaml-inventory.ts'

/** What Ansible skips in an inventory directory. */
const skipped = new Set([
  '.pyc',
  '.pyo',
  '.swp',
  '.bak',
  '.rpm',
  '.md',
  '.txt',
  '.rst',
  '.orig',
  '.ini',
  '.cfg',
  '.retry',
])
const readable = new Set(['.yml', '.yaml', '.json', ''])

const filesOf = (directory: string): readonly string[] =>
  readdirSync(directory, {withFileTypes: true})
    .filter(({name}) => !name.startsWith('.') && !name.endsWith('~') && !skipped.has(extname(name)))
    .filter(({name}) => name !== 'group_vars' && name !== 'host_vars')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => (entry.isDirectory() ? filesOf(join(directory, entry.name)) : [join(directory, entry.name)]))

/** Sections in brackets, or lines of which YAML makes no mapping. */
const looksLikeIni = (text: string): boolean => {
  const value = parseYaml(text, '', new Findings())
  return (
    /^\s*\[[\w.:-]+\]\s*$/m.test(text) ||
    typeof value === 'string' ||
    (value === undefined && /^\S+(\s+\w+=\S+)*\s*$/m.test(text))
  )
}

const readFile = (path: string, inventory: Inventory, findings: Findings): void => {
  const file = displayPath(path)
  const extension = extname(path)
  const at = {file, line: 1, column: 1}
  if (!readable.has(extension) || extension === '') {
    const text = readFileSync(path, 'utf8')
    if (text.startsWith('#!')) {
      findings.add({
        rule: 'not-supported',
        what: 'inventory scripts are not supported yet',
        fix: `run it and keep its output: ansible-inventory -i ${file} --list --yaml > ${basename(file)}.yml`,
        at,
      })
      return
    }
    if (text.trim() !== '' && looksLikeIni(text)) {
      findings.add({
        rule: 'not-supported',
        what: 'this is an inventory in INI format, which is not read yet',
        fix: `convert it: ansible-inventory -i ${file} --list --yaml > ${basename(file, extension)}.yml`,
        at,
      })
      return
    }
    new YamlInventory(inventory, findings, path, file).read(parseYaml(text, file, findings) ?? null)
    return
  }
  new YamlInventory(inventory, findings, path, file).read(readYaml(path, findings) ?? null)
}

/** Reads all inventories, files and directories, into one. */
export const readInventory = (paths: readonly string[], findings: Findings): Inventory => {
  const inventory = new Inventory()
  const before = findings.count
  if (paths.length === 0)
    findings.add({rule: 'no-inventory', what: 'no inventory was given', fix: 'name one with -i FILE'})
  for (const given of paths) {
    const path = expandPath(given)
    const kind = statSync(path, {throwIfNoEntry: false})
    if (!kind)
      findings.add({
        rule: 'no-inventory',
        what: `the inventory ${displayPath(path)} does not exist`,
        fix: given.includes(',')
          ? 'lists of hosts on the command line are not supported yet, write a file'
          : 'check the path',
      })
    else for (const file of kind.isDirectory() ? filesOf(path) : [path]) readFile(file, inventory, findings)
  }
  const grouped = new Set(
    [...inventory.groups.values()]
      .filter(({name}) => name !== 'all' && name !== 'ungrouped')
      .flatMap(({hosts}) => [...hosts]),
  )
  for (const host of inventory.hosts.keys()) if (!grouped.has(host)) inventory.group('ungrouped').hosts.add(host)
  inventory.adopt('all', 'ungrouped')
  for (const [name, {at}] of inventory.groups)
    if (inventory.hosts.has(name))
      findings.add({
        rule: 'name-clash',
        what: `'${name}' is both a host and a group`,
        why: 'a pattern could mean either',
        fix: 'rename one of them',
        ...(at && {at}),
      })
  if (inventory.hosts.size === 0 && findings.count === before)
    findings.add({
      rule: 'no-hosts',
      what: `the inventory ${paths.map(path => displayPath(expandPath(path))).join(', ')} names no host`,
      fix: "add hosts below 'all: hosts:'",
    })
  return inventory
}
