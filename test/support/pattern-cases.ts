import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** Hosts of an inventory, patterns, and which hosts Ansible means by them, in its order. */
export const patternSite = join(import.meta.dirname, '../fixtures/patterns')
const file = join(patternSite, 'patterns.json')

export type PatternCase = {readonly pattern: string; readonly limit?: string; readonly hosts: readonly string[]}

export const patternCases = (): readonly PatternCase[] =>
  JSON.parse(readFileSync(file, 'utf8')) as readonly PatternCase[]

export const writePatternCases = (cases: readonly PatternCase[]): void =>
  writeFileSync(file, `[\n${cases.map(each => `  ${JSON.stringify(each)}`).join(',\n')}\n]\n`)

/** For Python with Ansible's library: reads cases as JSON, prints the hosts of each. */
export const askPatterns = `
import json, sys
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
inventory = InventoryManager(loader=DataLoader(), sources=['hosts'])
said = []
for case in json.load(sys.stdin):
    inventory.subset(case.get('limit'))
    said.append([host.name for host in inventory.get_hosts(case['pattern'])])
print(json.dumps(said))
`
