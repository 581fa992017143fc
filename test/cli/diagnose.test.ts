import {join} from 'node:path'
import test from 'ava'
import type {Event} from '../../src/events.ts'
import {type Connect, TransportError} from '../../src/transport/transport.ts'
import {local, run} from './in-process.ts'

const project = join(import.meta.dirname, '../fixtures/diagnosis')
const diagnose = (argv: readonly string[], connect: Connect = local) =>
  run(['diagnose', ...argv, '-i', join(project, 'hosts.yml')], {cwd: project, connect})
const eventsIn = (stdout: string): Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event)

test('every complaint of the playbook, and nothing found', async t => {
  const {code, stdout, stderr, connections} = await diagnose([])
  t.is(stderr, '')
  t.deepEqual([code, connections], [0, 2])
  t.is(stdout.match(/^nothing found$/gm)?.length, 2)
  t.regex(stdout, /no-failover of boxes: box1, box2\n/)
  t.regex(stdout, /ok {5}box1 {2}do both say the number that follows\? 1 here, 2 there, of 1\n/)
})

test('one complaint: the cause comes first, what it explains is not asked, exit code 3', async t => {
  const {code, stdout} = await diagnose(['no-failover', '-e', '{box_number: 0}'])
  t.is(code, 3)
  t.notRegex(stdout, /single-arm/)
  t.regex(
    stdout,
    /most likely cause {2}box1 {2}box-number\n {2}saw {4}0\n {2}means {2}it has none\n {2}do {5}number box1\n/,
  )
  t.regex(stdout, /skip {3}box1 {2}do both say the number that follows\? not asked: see box-number\n/)
  t.regex(stdout, /may follow from it, or comes next: box2 box-number\n/)
})

test('as events, with the most likely cause first', async t => {
  const {code, stdout} = await diagnose(['no-failover', '-e', '{box_number: 7}', '--json'])
  t.is(code, 3)
  const [end] = eventsIn(stdout).filter(event => event.event === 'diagnosis-end')
  t.like(end, {
    pair: 'boxes',
    flow: 'no-failover',
    asked: 4,
    silent: [],
    causes: [{host: 'box1', id: 'box-pair', saw: '7 and 7', means: 'they are no pair', repair: 'renumber box2'}],
  })
})

test('a host that does not answer keeps nobody from looking at the other one', async t => {
  const {code, stdout} = await diagnose(['no-failover'], target =>
    target.host === 'box1'
      ? Promise.reject(new TransportError('unreachable', 'box1', 'box1: no route'))
      : local(target),
  )
  t.is(code, 4)
  t.regex(stdout, /not asked {2}box1 does not answer/)
  t.regex(stdout, /ok {5}box2 {2}do both say the number that follows\? 2 here, nothing there, of 1\n/)
})

test('a complaint that the playbook does not have', async t => {
  const {code, stderr, connections} = await diagnose(['vpn-drops'])
  t.deepEqual([code, connections], [5, 0])
  t.regex(stderr, /diagnose\.yml:5:13: the playbook does not diagnose 'vpn-drops'/)
})
