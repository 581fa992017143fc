import {existsSync, readFileSync, statSync} from 'node:fs'
import {dirname, extname} from 'node:path'
import {Findings} from '../diagnostics/findings.ts'
import {isMapping} from '../playbook/mapping.ts'
import {displayPath, expandPath} from '../playbook/paths.ts'
import {parseYaml, plainText, readYaml} from '../playbook/yaml.ts'
import {isVaulted} from '../vault/envelope.ts'
import {parseAddress} from './address.ts'
import {IniInventory} from './ini-inventory.ts'
import {inventoryFiles} from './inventory-files.ts'
import {Inventory, type Source} from './model.ts'
import {ScriptInventory} from './script-inventory.ts'
import {YamlInventory} from './yaml-inventory.ts'

/** `-i gw1,gw2,`: hosts by name, and no file; a file whose name has a comma is a file. */
export const isHostList = (given: string): boolean => given.includes(',') && !existsSync(expandPath(given))

const readHostList = (given: string, inventory: Inventory): void => {
  const source = {path: given, directory: undefined, shown: `-i ${given}`}
  const at = {file: source.shown, line: 0, column: 0}
  for (const name of given.split(',').flatMap(part => part.trim() || [])) {
    const {host, port} = name.includes('[') ? {host: name} : (parseAddress(name) ?? {host: name})
    if (inventory.hosts.has(host)) continue
    inventory.host(host, at, source, port)
    inventory.group('ungrouped').hosts.add(host)
  }
}

const yamlEndings = ['.yml', '.yaml', '.json']
const isScript = (path: string): boolean => {
  const text = readFileSync(path, 'latin1')
  return text.startsWith('#!') || text.startsWith('\u007fELF')
}

/** Whether the first line that says something looks like YAML. */
const beginsAsYaml = (text: string): boolean => {
  const lines = text.split('\n').map(line => line.trim())
  const first = lines.find(line => line !== '' && !line.startsWith('#')) ?? ''
  return first.startsWith('---') || first.startsWith('{') || /^[^[=]*:(?:\s*#.*)?$/.test(first)
}

/** A file without ending is YAML when it is a mapping, else INI. */
const readText = (source: Source, inventory: Inventory, findings: Findings): void => {
  const stored = readFileSync(source.path, 'utf8')
  const text = plainText(stored, source.shown, findings)
  if (text === undefined) return
  if (extname(source.path) === '') {
    const own = new Findings(findings.keys)
    const value = parseYaml(stored, source.shown, own)
    if (value === null && own.count === 0) return
    if (isMapping(value) || (own.count > 0 && beginsAsYaml(text))) {
      for (const problem of own.all()) findings.add(problem)
      if (value !== undefined) new YamlInventory(inventory, findings, source).read(value)
      return
    }
  }
  new IniInventory(inventory, findings, source, isVaulted(stored)).read(text)
}

const readSource = (path: string, inventory: Inventory, findings: Findings): void => {
  const source = {path, directory: dirname(path), shown: displayPath(path)}
  const ending = extname(path)
  try {
    if (isScript(path)) new ScriptInventory(inventory, findings, source).read()
    else if (ending === '.toml')
      findings.add({
        rule: 'not-supported',
        what: 'an inventory in TOML is not read',
        fix: `convert it: ansible-inventory -i ${source.shown} --list --export --yaml`,
        at: {file: source.shown, line: 1, column: 1},
      })
    else if (yamlEndings.includes(ending))
      new YamlInventory(inventory, findings, source).read(readYaml(path, findings) ?? null)
    else readText(source, inventory, findings)
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    findings.add({rule: 'unreadable-file', what: `${source.shown} cannot be read`, why: message, fix: 'check the path'})
  }
}

/** Reads all inventories, files, directories and lists of hosts, into one. */
export const readInventory = (given: readonly string[], findings: Findings): Inventory => {
  const inventory = new Inventory()
  const before = findings.count
  if (given.length === 0)
    findings.add({rule: 'no-inventory', what: 'no inventory was given', fix: 'name one with -i FILE'})
  for (const name of given) {
    const path = expandPath(name)
    if (isHostList(name)) readHostList(name, inventory)
    else if (statSync(path, {throwIfNoEntry: false})?.isDirectory())
      for (const file of inventoryFiles(path)) readSource(file, inventory, findings)
    else if (existsSync(path)) readSource(path, inventory, findings)
    else
      findings.add({
        rule: 'no-inventory',
        what: `the inventory ${displayPath(path)} does not exist`,
        fix: 'check the path; a list of hosts ends with a comma: -i gw1,',
      })
  }
  inventory.finish()
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
      what: `the inventory ${given.map(name => (isHostList(name) ? name : displayPath(expandPath(name)))).join(', ')} names no host`,
      fix: "add hosts below 'all: hosts:'",
    })
  return inventory
}
