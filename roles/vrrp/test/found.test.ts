// What is made of the answers of a host: scheduling and health.

import test from 'ava'
import type {Answer} from 'gatewright'
import '../../../src/resolve.ts'
import {lab, type Pair} from './fixtures.ts'

const {Unsupported} = await import('../../../src/resources/resource.ts')
const {Foresight} = await import('../../../src/resources/foresight.ts')
const {health} = await import('../health.ts')
const {scheduling} = await import('../resources/scheduling.ts')

const answer = (stdout: string, code = 0): Answer => ({code, stdout, stderr: ''})
const stat = (priority: number, policy: number): string =>
  `S 7060 7060 7060 0 -1 4194624 73 0 0 0 1 3 0 0 -51 0 1 0 2600711 29732864 940 18446744073709551615 9 9 9 0 0 0 84483 2147135540 0 1 0 0 17 1 ${priority} ${policy} 0 0 0 9 9 9 9 9 9 9 0\n`

test('how keepalived is really scheduled, and why not as it should be', t => {
  const {kind, desired} = scheduling({unit: 'keepalived', priority: 50})
  const read = (stdout: string) => kind.probe(desired).parse(answer(stdout))
  const changes = (stdout: string) => {
    const current = read(stdout)
    return current instanceof Unsupported ? current.reason : kind.diff(desired, current)
  }
  t.deepEqual(changes(stat(50, 2)), [])
  t.deepEqual(changes(stat(0, 0)), [
    {path: 'policy', from: 'SCHED_OTHER', to: 'SCHED_RR'},
    {path: 'priority', from: 0, to: 50},
  ])
  t.deepEqual(changes(stat(99, 2)), [{path: 'priority', from: 99, to: 50}])
  t.is(
    changes(`${stat(0, 0)}chrt: failed to set pid 0's policy: Operation not permitted\n`),
    "realtime scheduling is refused: chrt: failed to set pid 0's policy: Operation not permitted (priority 50 asked for)",
  )
  t.deepEqual(changes(`${stat(50, 2)}chrt: of an earlier start\n`), [])
  t.deepEqual(changes('stopped\n'), [{path: 'policy', from: null, to: 'SCHED_RR'}])
  t.throws(() => kind.probe(desired).parse(answer('', 1)), {name: 'Unreadable'})
  t.is(kind.problems({unit: 'keepalived', priority: 0}).length, 1)
})

test('a keepalived that will have been started is expected to be realtime', t => {
  const {kind, desired} = scheduling({unit: 'keepalived', priority: 50})
  const foresight = new Foresight()
  t.is(kind.predict?.(desired, undefined, foresight), undefined)
  foresight.add({made: [{kind: 'service', name: 'keepalived', changes: [{path: 'running', from: false, to: true}]}]})
  t.deepEqual(kind.predict?.(desired, undefined, foresight), {policy: 'SCHED_RR', priority: 50})
})

const checks = ({vars, host, peer}: Pair = lab()) => health({vars, host, peers: [peer], others: []})
const keepalived = (text: string) => checks()[0]?.parse(answer(text))
const state = (word: string, beat: number): string => JSON.stringify({name: 'gateway', state: word, since: 900, beat})

test('a gateway is well when keepalived holds a state that is followed', t => {
  t.deepEqual(keepalived(`active\n1000\n${state('MASTER', 999)}\n`), {is: 'healthy', holds: true})
  t.deepEqual(keepalived(`active\n1000\n${state('BACKUP', 999)}\n`), {is: 'healthy', holds: false})
  t.deepEqual(keepalived('absent\n'), {is: 'absent'})
  t.is(
    keepalived(`active\n1000\n${state('FAULT', 999)}\n/etc/keepalived/maintenance `)?.reason,
    'state FAULT, because of /etc/keepalived/maintenance',
  )
  t.is(keepalived(`failed\n1000\n${state('MASTER', 999)}\n`)?.reason, 'it is failed')
  t.is(keepalived('active\n1000\nnone\n')?.is, 'sick')
  t.regex(keepalived(`active\n1000\n${state('MASTER', 900)}\n`)?.reason ?? '', /^its state is 100 s old/)
})

test('conntrackd is well when it answers and has what the peer knows', t => {
  const conntrackd = (text: string) => checks()[1]?.parse(answer(text))
  t.deepEqual(conntrackd('active\nanswers\n0\n'), {is: 'healthy'})
  t.deepEqual(conntrackd('absent\n'), {is: 'absent'})
  t.is(conntrackd('inactive\nsilent\n0\n')?.reason, 'it is inactive')
  t.is(conntrackd('active\nsilent\n0\n')?.is, 'sick')
  t.is(conntrackd('active\nanswers\n1\n')?.is, 'sick')
  t.deepEqual(
    checks(lab({conntrack: false})).map(({name}) => name),
    ['keepalived'],
  )
})
