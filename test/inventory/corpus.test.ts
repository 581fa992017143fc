import {isAbsolute, join} from 'node:path'
import test from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {inventoryJson, rawVariables} from '../../src/inventory/inventory-json.ts'
import {isHostList, readInventory} from '../../src/inventory/read-inventory.ts'
import {HostScopes} from '../../src/playbook/host-scopes.ts'
import {run} from '../cli/in-process.ts'
import {graphCases, inventoryCases} from '../support/inventory-cases.ts'

const cases = inventoryCases()

test('the corpus is there', t => t.true(cases.length >= 25))

for (const {name, directory, inventories, playbooks, expected} of cases)
  test(`${name}: the same as ansible-inventory --list`, t => {
    const findings = new Findings()
    const paths = inventories.map(path =>
      isHostList(join(directory, path)) && !isAbsolute(path) ? path : join(directory, path),
    )
    const inventory = readInventory(paths, findings)
    const scopes = new HostScopes(inventory, paths, [], findings)
    const beside = join(directory, playbooks ?? '.')
    const listed = inventoryJson(inventory, host => rawVariables(scopes.of(host, beside).layers()))
    t.deepEqual(findings.all(), [])
    t.deepEqual(JSON.parse(JSON.stringify(listed)), expected())
  })

for (const {name, directory, inventories, graph} of cases.filter(each => graphCases.includes(each.name)))
  test(`${name}: the same as ansible-inventory --graph --vars`, async t => {
    const flags = inventories.flatMap(path => ['-i', join(directory, path)])
    const {stdout, stderr} = await run(['inventory', 'graph', '--vars', ...flags], {cwd: directory})
    t.is(stderr, '')
    t.is(stdout, graph())
  })
