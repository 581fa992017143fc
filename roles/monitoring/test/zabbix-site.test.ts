import test from 'ava'
import '../../../src/resolve.ts'
import {Foresight} from '../../../src/resources/foresight.ts'
import type {ZabbixSiteState} from '../resources/zabbix-site.ts'
import {key} from './example.ts'

const {zabbixSite} = await import('../resources/zabbix-site.ts')
const {zabbix} = await import('../places.ts')
const {sha256Of} = await import('gatewright')

const site = zabbixSite({
  group: 'gatewright',
  hosts: [
    {name: 'gw1', address: '10.9.0.2', identity: 'gw1', key},
    {name: 'gw2', address: '10.9.0.3', identity: 'second', key},
  ],
})
const {kind, desired} = site
const right = (name: string, address: string, identity: string) => ({
  name,
  isOn: true,
  inGroup: true,
  hasTemplate: true,
  address: `${address} 10050`,
  byKey: true,
  identity,
  digest: sha256Of(key.reveal()),
})
const gw1 = right('gw1', '10.9.0.2', 'gw1')
const open = {is: 'open', template: [], surplus: [], hosts: [gw1, right('gw2', '10.9.0.3', 'second')]}

const changesFor = (answer: object, foresight = new Foresight()) => {
  const current = kind.probe(desired).parse({code: 0, stdout: JSON.stringify(answer), stderr: ''}) as ZabbixSiteState
  const changes = kind.diff(desired, kind.predict?.(desired, current, foresight) as ZabbixSiteState)
  return changes === 'unknown' ? changes : changes.map(({path, from, to}) => [path, from, to])
}

test('all as it should be', t => {
  t.deepEqual(changesFor(open), [])
})

test('before there is a database all is to be made; who is not let in cannot tell', t => {
  t.deepEqual(changesFor({is: 'absent'}), [
    ['password of Admin', 'absent', 'that of the inventory'],
    ['template', 'absent', 'gatewright'],
    ['host gw1', 'absent', 'asked at 10.9.0.2'],
    ['host gw2', 'absent', 'asked at 10.9.0.3'],
    ['host Zabbix server', 'asked', 'left alone'],
  ])
  t.is(changesFor({is: 'closed'}), 'unknown')
})

test('each property of a host, a host too many, and what an import would change', t => {
  const other = {
    isOn: false,
    inGroup: false,
    hasTemplate: false,
    address: 'by name',
    byKey: false,
    identity: '',
    digest: '',
  }
  t.deepEqual(
    changesFor({...open, template: ['added items x'], surplus: ['gw9'], hosts: [gw1, {name: 'gw2', ...other}]}),
    [
      ['template', 'another', 'added items x'],
      ['host gw2', 'left alone', 'asked'],
      ['host gw2', 'in other groups', 'in the group gatewright'],
      ['host gw2', 'without the template', 'with the template gatewright'],
      ['host gw2', 'by name', '10.9.0.3 10050'],
      ['host gw2', 'without a key', 'with its key'],
      ['host gw2', 'identity absent', 'identity second'],
      ['host gw2', 'another key', 'the key of the inventory'],
      ['host gw9', 'asked', 'left alone'],
    ],
  )
})

test('files that are changed before are what Zabbix will be set to', t => {
  const foresight = new Foresight()
  const file = {type: 'file', mode: '0600', owner: ['root'], group: ['root']} as const
  foresight.add({paths: new Map([zabbix.password, zabbix.template].map(path => [path, file]))})
  t.deepEqual(changesFor({...open, template: ['added items x']}, foresight), [
    ['password of Admin', 'another', 'that of the inventory'],
    ['template', 'another', 'that of its file'],
  ])
})

test('what cannot be read is an error, with the words of the host', t => {
  const parse = (answer: object) => kind.probe(desired).parse({code: 0, stdout: '', stderr: '', ...answer})
  t.throws(() => parse({code: 1, stderr: 'Zabbix refuses host.get: no\n'}), {message: 'Zabbix refuses host.get: no'})
  t.throws(() => parse({stdout: 'Warning: x'}), {message: /not the answer/})
})

test('its steps wait for the frontend, and give keys on their input alone', t => {
  const steps = kind.steps(desired, [], {is: 'absent'})
  t.deepEqual(
    steps.map(step => step.do),
    ['wait', 'run'],
  )
  const [, run] = steps
  if (run?.do !== 'run') return t.fail()
  t.false(run.command.text.includes(key.reveal()))
  t.is(String(run.command.stdin), '***')
  const given = run.command.stdin
  t.deepEqual(typeof given === 'object' && JSON.parse(given.reveal()), [
    {name: 'gw1', address: '10.9.0.2', identity: 'gw1', key: key.reveal()},
    {name: 'gw2', address: '10.9.0.3', identity: 'second', key: key.reveal()},
  ])
})
