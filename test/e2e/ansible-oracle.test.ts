// Debian's ansible, asked again: what is committed in test/fixtures is what it says. UPDATE_ORACLE=1 writes it.
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import test from 'ava'
import {ansible, ansibleIsHere} from '../support/ansible.ts'
import {graphCases, inventoryCases} from '../support/inventory-cases.ts'
import {askPatterns, patternCases, patternSite, writePatternCases} from '../support/pattern-cases.ts'
import {messagesIn, precedenceSite, winners, writeWinners} from '../support/precedence-site.ts'

const oracle = ansibleIsHere ? test : test.skip
const update = Boolean(process.env['UPDATE_ORACLE'])

oracle('ansible runs beside a directory of this machine and leaves nothing else', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-ansible-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  writeFileSync(join(directory, 'hosts'), 'gw1 n=1\n')
  const listed = await ansible(directory, ['ansible-inventory', '-i', 'hosts', '--list'])
  t.is(listed.code, 0, listed.stderr)
  t.deepEqual(JSON.parse(listed.stdout)._meta, {hostvars: {gw1: {n: 1}}})
  const copy = ['-m', 'copy', '-a', 'content=x dest=/etc/said']
  const run = await ansible(directory, ['ansible', '-i', 'hosts', 'all', '-c', 'local', ...copy])
  t.is(run.code, 0, run.stdout + run.stderr)
  t.not((await ansible(directory, ['cat', '/etc/said'])).code, 0)
  t.is((await ansible(directory, ['cat'], {input: 'y'})).stdout, 'y')
})

for (const {name, directory, inventories, playbooks, expected, write} of inventoryCases())
  oracle(`the inventory ${name}`, async t => {
    const flags = inventories.flatMap(path => ['-i', path])
    const beside = playbooks === undefined ? [] : ['--playbook-dir', playbooks]
    const vault = ['--vault-password-file', '../vault-password']
    const command = ['ansible-inventory', ...flags, ...beside, ...vault, '--list']
    const {code, stdout, stderr} = await ansible(dirname(directory), [
      'sh',
      '-c',
      'cd "$1" && shift && exec "$@"',
      'sh',
      name,
      ...command,
    ])
    t.is(code, 0, stderr)
    t.notRegex(stderr, /Failed to parse/)
    const said: unknown = JSON.parse(stdout)
    if (update) write(said)
    else t.deepEqual(said, expected())
  })

oracle('the corpus of expressions and templates', async t => {
  const directory = join(import.meta.dirname, '../fixtures/expressions')
  const {code, stdout, stderr} = await ansible(directory, ['python3', 'oracle.py'])
  t.is(code, 0, stderr)
  const path = join(directory, 'ansible.json')
  if (update) writeFileSync(path, `${stdout}\n`)
  else t.deepEqual(JSON.parse(stdout), JSON.parse(readFileSync(path, 'utf8')))
})

for (const {name, directory, inventories, graph, writeGraph} of inventoryCases().filter(each =>
  graphCases.includes(each.name),
))
  oracle(`the graph of ${name}`, async t => {
    const flags = inventories.flatMap(path => ['-i', path])
    const {code, stdout, stderr} = await ansible(directory, ['ansible-inventory', ...flags, '--graph', '--vars'])
    t.is(code, 0, stderr)
    if (update) writeGraph(stdout)
    else t.is(stdout, graph())
  })

oracle('patterns of hosts', async t => {
  const cases = patternCases()
  const asked = await ansible(patternSite, ['python3', '-c', askPatterns], {input: JSON.stringify(cases)})
  t.is(asked.code, 0, asked.stderr)
  const said = JSON.parse(asked.stdout) as string[][]
  if (update) writePatternCases(cases.map((each, index) => ({...each, hosts: said[index] ?? []})))
  else for (const [index, {pattern, hosts}] of cases.entries()) t.deepEqual(said[index], hosts, pattern)
})

oracle('which of two places of a variable wins', async t => {
  const {directory, extra, inRole, inTasks} = precedenceSite()
  t.teardown(() => rmSync(directory, {recursive: true}))
  const command = ['ansible-playbook', '-c', 'local', '-i', 'inventory', '-e', extra, 'playbooks/site.yml']
  const {code, stdout, stderr} = await ansible(directory, command)
  t.is(code, 0, stdout + stderr)
  const said = messagesIn(stdout)
  t.deepEqual(Object.keys(said).toSorted(), [...inRole, ...inTasks].toSorted())
  if (update) writeWinners(said)
  else t.deepEqual(said, winners())
})
