// Debian's ansible, asked again: what is committed in test/fixtures is what it says. UPDATE_ORACLE=1 writes it.
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import test from 'ava'
import {ansibleFacts} from '../../src/facts/ansible-facts.ts'
import {ansibleSources} from '../../src/facts/ansible-sources.ts'
import {ansible, ansibleIsHere} from '../support/ansible.ts'
import {compareFacts} from '../support/compare-facts.ts'
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

/** A host with addresses of all sorts, in a network of its own. */
const pretendHost = `set -eu
mount -t sysfs sysfs /sys
ip link set lo up
ip link add eth0 type veth peer name peer0
ip link set eth0 address 02:00:00:00:00:10 up
ip addr add 10.10.0.2/24 brd + dev eth0
ip addr add 10.10.0.200/24 dev eth0
ip addr add 192.0.2.7/32 dev eth0
ip addr add fd00::2/64 dev eth0 nodad
ip link set peer0 address 02:00:00:00:00:13 up
ip link add wan-1 type veth peer name peer1
ip link set wan-1 address 02:00:00:00:00:11 mtu 1492 up
ip addr add 198.51.100.2/29 brd + dev wan-1
ip addr add 2001:db8::2/64 dev wan-1 nodad
ip link set peer1 address 02:00:00:00:00:14 up
ip link add br0 type bridge
ip link set br0 address 02:00:00:00:00:12 up
ip link set peer0 master br0
ip route add default via 198.51.100.1 dev wan-1
ip route add default via 10.10.0.1 dev eth0 metric 100
ip route add default via 2001:db8::1 dev wan-1
printf '127.0.0.1 localhost\\n10.10.0.2 gw1.example.net gw1\\n' >/etc/hosts
python3 -c "import socket; socket.sethostname('gw1')"
until [ -z "$(ip addr show tentative)" ]; do sleep 0.1; done
ansible localhost -c local -m setup >setup.txt
LC_ALL=C sh probe.sh >probe.txt`

oracle("facts under Ansible's names", async t => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-facts-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  writeFileSync(join(directory, 'probe.sh'), ansibleSources.command.text)
  const {code, stdout, stderr} = await ansible(directory, ['unshare', '--net', '--uts', 'sh', '-c', pretendHost])
  t.is(code, 0, stdout + stderr)
  const said = readFileSync(join(directory, 'setup.txt'), 'utf8')
  const theirs = JSON.parse(said.slice(said.indexOf('{'))).ansible_facts
  const probed = readFileSync(join(directory, 'probe.txt'), 'utf8')
  const facts = ansibleFacts(ansibleSources.parse({code: 0, stdout: probed, stderr: ''}))
  const {ours, theirs: expected} = compareFacts(facts, theirs)
  t.deepEqual(ours, expected)
})
