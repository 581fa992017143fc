import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '../fixtures/inventories')

/** Of these the graph with variables is kept too. */
export const graphCases = ['yaml-nested', 'yaml-diamond', 'yaml-nulls', 'vars-files', 'ini-priority', 'ini-children']

export type InventoryCase = {
  readonly name: string
  readonly directory: string
  /** For `-i`, as typed in the directory. */
  readonly inventories: readonly string[]
  /** The directory of the playbook, where the case has one. */
  readonly playbooks?: string
  /** What `ansible-inventory --list` printed. */
  readonly expected: () => unknown
  /** What `ansible-inventory --graph --vars` printed. */
  readonly graph: () => string
  readonly writeGraph: (text: string) => void
  readonly write: (expected: unknown) => void
}

const given: Readonly<Record<string, {readonly inventories: readonly string[]; readonly playbooks?: string}>> = {
  'vars-playbook': {inventories: ['inventory'], playbooks: 'playbooks'},
  several: {inventories: ['one', 'two/hosts', 'three/hosts.yml', 'one/hosts.yml']},
  directory: {inventories: ['.']},
  'host-list': {inventories: ['gw1, gw2:2222,10.0.0.1,gw1,192.0.2.1:22,under_score,fe80::1']},
  'host-list-and-file': {inventories: ['gw9,gw1,', 'hosts.yml']},
}

/** Inventories with what Ansible makes of them: `test/fixtures/inventories/<case>` and `<case>.json`. */
export const inventoryCases = (): readonly InventoryCase[] =>
  readdirSync(root, {withFileTypes: true})
    .filter(entry => entry.isDirectory())
    .map(({name}) => {
      const directory = join(root, name)
      const file = join(root, `${name}.json`)
      const [hosts = ''] = readdirSync(directory).filter(entry => entry.startsWith('hosts'))
      return {
        name,
        directory,
        ...(given[name] ?? {inventories: [hosts]}),
        expected: () => JSON.parse(readFileSync(file, 'utf8')),
        graph: () => readFileSync(join(root, `${name}.graph.txt`), 'utf8'),
        writeGraph: text => writeFileSync(join(root, `${name}.graph.txt`), text),
        write: expected => writeFileSync(file, `${JSON.stringify(expected, null, 1)}\n`),
      }
    })
