import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import {ansibleFacts} from '../../src/facts/ansible-facts.ts'
import {ansibleNames, missingAnsibleFacts} from '../../src/facts/ansible-names.ts'
import {ansibleSources} from '../../src/facts/ansible-sources.ts'
import {answer} from '../resources/ask.ts'
import {compareFacts} from '../support/compare-facts.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/facts', name), 'utf8')
const setup: Readonly<Record<string, unknown>> = JSON.parse(read('setup.json'))
const facts = ansibleFacts(ansibleSources.parse(answer(read('probe.txt'))))

test("of the same host they are what Ansible's setup module says", t => {
  const {ours, theirs} = compareFacts(facts, setup)
  t.true(Object.keys(ours).length > 50)
  t.deepEqual(ours, theirs)
})

test('every name of setup is there or missing with a reason', t => {
  const names = Object.keys(setup)
    .filter(name => name.startsWith('ansible_'))
    .map(name => name.slice('ansible_'.length))
  t.deepEqual(
    names.filter(name => !(name in facts) && !missingAnsibleFacts[name]),
    [],
  )
  // What depends on the host's kind.
  const sometimes = new Set(['machine_id'])
  t.deepEqual(
    ansibleNames.filter(name => !(name in facts) && !sometimes.has(name)),
    [],
  )
})

test('a host that says little has few facts, and none is made up', t => {
  const few = ansibleFacts({uname: ['Linux', '6.1', '#1', 'aarch64', 'gw1'], os: ['ID=alpine'], init: ['init']})
  t.like(few, {hostname: 'gw1', architecture: 'aarch64', service_mgr: 'service'})
  for (const name of ['fqdn', 'domain', 'distribution', 'os_family', 'pkg_mgr', 'machine_id', 'user_dir'])
    t.false(name in few, name)
})

test('the full name comes from /etc/hosts', t => {
  const named = (node: string, names: string[]): unknown => {
    const {hostname, fqdn, domain} = ansibleFacts({uname: ['Linux', '', '', '', node], names})
    return [hostname, fqdn, domain]
  }
  t.deepEqual(named('gw1', ['10.0.0.1  gw1.example.net gw1']), ['gw1', 'gw1.example.net', 'example.net'])
  t.deepEqual(named('gw1', ['127.0.1.1  gw1']), ['gw1', 'gw1', ''])
  t.deepEqual(named('gw1.example.net', []), ['gw1', 'gw1.example.net', 'example.net'])
})
