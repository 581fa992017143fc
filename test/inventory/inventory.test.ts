import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {Findings} from '../../src/diagnostics/findings.ts'
import {matchHosts} from '../../src/inventory/patterns.ts'
import {expandRange} from '../../src/inventory/ranges.ts'
import {readInventory} from '../../src/inventory/read-inventory.ts'
import {HostScopes} from '../../src/playbook/host-scopes.ts'

const site = (t: ExecutionContext, files: Record<string, string>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-inventory-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), {recursive: true})
    writeFileSync(join(directory, name), text)
  }
  return directory
}
const hosts = `all:
  children:
    gateways:
      children:
        east: {hosts: {'gw[1:2]': }}
        west: {hosts: {gw3: , gw10: }}
    standby: {hosts: {gw2: , gw3: }}
  hosts: {monitor: }
`

test('ranges count numbers and letters, keep leading zeros, and multiply', t => {
  t.deepEqual(expandRange('gw[1:3]'), ['gw1', 'gw2', 'gw3'])
  t.deepEqual(expandRange('gw[08:10].net'), ['gw08.net', 'gw09.net', 'gw10.net'])
  t.deepEqual(expandRange('[a:b][1:2]'), ['a1', 'a2', 'b1', 'b2'])
  t.deepEqual(expandRange('gw[1:5:2]'), ['gw1', 'gw3', 'gw5'])
  t.deepEqual(expandRange('gw1'), ['gw1'])
  for (const wrong of ['gw[3:1]', 'gw[1-3]', 'gw[]', 'gw[a:2]']) t.is(expandRange(wrong), undefined, wrong)
})

test('groups nest, and hosts outside of groups are ungrouped', t => {
  const inventory = readInventory([join(site(t, {'hosts.yml': hosts}), 'hosts.yml')], new Findings())
  t.deepEqual(inventory.hostsOf('gateways'), ['gw1', 'gw2', 'gw3', 'gw10'])
  t.deepEqual(inventory.groupsOf('gw2'), ['east', 'gateways', 'standby'])
  t.deepEqual(inventory.hostsOf('ungrouped'), ['monitor'])
  t.is(inventory.depth('east'), 2)
})

test('host patterns as in Ansible', t => {
  const inventory = readInventory([join(site(t, {'hosts.yml': hosts}), 'hosts.yml')], new Findings())
  const findings = new Findings()
  const match = (pattern: string) => matchHosts(pattern, inventory, {findings, where: 'hosts'})
  t.deepEqual(match('all'), ['monitor', 'gw2', 'gw3', 'gw1', 'gw10'])
  t.deepEqual(match('east:west'), ['gw1', 'gw2', 'gw3', 'gw10'])
  t.deepEqual(match('gateways,!standby'), ['gw1', 'gw10'])
  t.deepEqual(match('gateways:&standby'), ['gw2', 'gw3'])
  t.deepEqual(match('!standby'), ['monitor', 'gw1', 'gw10'])
  t.deepEqual(match('gw?'), ['gw1', 'gw2', 'gw3'])
  t.deepEqual(match('gw[!3]'), ['gw1', 'gw2'])
  t.deepEqual(match('~gw\\d\\d'), ['gw10'])
  t.deepEqual(match('gateways[0]'), ['gw1'])
  t.deepEqual(match('gateways[-1]'), ['gw10'])
  t.deepEqual(match('gateways[1:2]'), ['gw2', 'gw3'])
  t.deepEqual(match('gateways[2:]'), ['gw3', 'gw10'])
  t.deepEqual(match('e*t,monitor'), ['gw1', 'gw2', 'monitor'])
  t.is(findings.count, 0)
  t.deepEqual(match('gw1,eas'), ['gw1'])
  t.is(findings.all()[0]?.fix, "did you mean 'east'?")
})

/** Each file says its own place; the strongest is what the host sees. */
test("precedence: every place of a variable in Ansible's order", t => {
  const places = [
    ['all in the inventory', 'inventory/hosts.yml', (v: string) => `all:\n  vars: {${v}: 1}\n`],
    [
      'parent in the inventory',
      'inventory/hosts2.yml',
      (v: string) => `all:\n  children: {parent: {vars: {${v}: 2}}}\n`,
    ],
    ['child in the inventory', 'inventory/hosts3.yml', (v: string) => `all:\n  children: {child: {vars: {${v}: 3}}}\n`],
    ['group_vars/all of the inventory', 'inventory/group_vars/all.yml', (v: string) => `${v}: 4\n`],
    ['group_vars/all of the playbook', 'group_vars/all/main.yml', (v: string) => `${v}: 5\n`],
    ['group_vars of the parent', 'inventory/group_vars/parent.yaml', (v: string) => `${v}: 6\n`],
    ['group_vars of the child', 'inventory/group_vars/child', (v: string) => `${v}: 7\n`],
    ['group_vars of the playbook', 'group_vars/parent.yml', (v: string) => `${v}: 8\n`],
    ['host in the inventory', 'inventory/hosts4.yml', (v: string) => `all:\n  hosts: {gw1: {${v}: 9}}\n`],
    ['host_vars of the inventory', 'inventory/host_vars/gw1.yml', (v: string) => `${v}: 10\n`],
    ['host_vars of the playbook', 'host_vars/gw1/a.yml', (v: string) => `${v}: 11\n`],
  ] as const
  const base = {'inventory/base.yml': 'all:\n  children:\n    parent: {children: {child: {hosts: {gw1: }}}}\n'}
  for (let count = 1; count <= places.length; count++) {
    const used = places.slice(0, count)
    const directory = site(t, {...base, ...Object.fromEntries(used.map(([, file, text]) => [file, text('v')]))})
    const findings = new Findings()
    const paths = [join(directory, 'inventory')]
    const scopes = new HostScopes(readInventory(paths, findings), paths, [], findings)
    t.is(scopes.of('gw1', directory).lookup('v'), count, used.at(-1)?.[0])
    t.is(findings.count, 0)
  }
})

test('groups of one depth: by name, unless ansible_group_priority says otherwise', t => {
  const read = (priority: string): unknown => {
    const directory = site(t, {
      'hosts.yml': `all:\n  children:\n    a: {hosts: {gw1: }, vars: {v: a${priority}}}\n    b: {hosts: {gw1: }, vars: {v: b}}\n`,
    })
    const paths = [join(directory, 'hosts.yml')]
    return new HostScopes(readInventory(paths, new Findings()), paths, [], new Findings())
      .of('gw1', directory)
      .lookup('v')
  }
  t.is(read(''), 'b')
  t.is(read(', ansible_group_priority: 10'), 'a')
})

test('an inventory directory: files by name, what Ansible skips is skipped', t => {
  const directory = site(t, {
    '01.yml': 'all: {hosts: {gw1: }}\n',
    '02': 'all: {hosts: {gw2: }}\n',
    'README.md': '# no inventory\n',
    'old.yml~': '- broken',
    'note.ini': '[x]\n',
    'group_vars/all.yml': 'v: 1\n',
  })
  const findings = new Findings()
  t.deepEqual([...readInventory([directory], findings).hosts.keys()], ['gw1', 'gw2'])
  t.is(findings.count, 0)
})

test('hostvars shows inventory variables of other hosts, evaluated', t => {
  const directory = site(t, {
    'hosts.yml': 'all: {hosts: {gw1: {n: 1}, gw2: {n: 2}}}\n',
    'group_vars/all.yml':
      "address: \"10.0.0.{{ n }}\"\npeer: \"{{ hostvars['gw2'].address }}\"\nall_of_them: \"{{ groups['all'] | map('extract', hostvars, 'address') | list }}\"\n",
  })
  const paths = [join(directory, 'hosts.yml')]
  const scope = new HostScopes(readInventory(paths, new Findings()), paths, [], new Findings()).of('gw1', directory)
  t.is(scope.lookup('peer'), '10.0.0.2')
  t.deepEqual(scope.lookup('all_of_them'), ['10.0.0.1', '10.0.0.2'])
  t.is(scope.evaluate("hostvars['gw2'].nope | default('-')"), '-')
  t.throws(() => scope.evaluate("hostvars['gw2'].adress"), {message: "gw2 has no variable 'adress'"})
  t.throws(() => scope.evaluate("groups['al']"), {message: "there is no group 'al'"})
})
