// What is made of the answers of a host: scheduling, health, and the rules over the facts of both gateways.

import test from 'ava'
import type {Answer} from 'gatewright'
import '../../../src/resolve.ts'
import {factsOf, lab, type Pair} from './fixtures.ts'

const {Unsupported} = await import('../../../src/resources/resource.ts')
const {Foresight} = await import('../../../src/resources/foresight.ts')
const {health} = await import('../health.ts')
const {liveProblems} = await import('../live-problems.ts')
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

type Facts = Parameters<typeof liveProblems>[0]['facts']
const found = (here: Partial<Facts>, there: Partial<Facts> = here) => {
  const {vars, host, peer} = lab()
  const links = {
    lan: {mtu: 1500, mac: '02:00:00:00:00:01'},
    'wan-a': {mtu: 1500, mac: '02:00:00:00:00:02'},
    sync: {mtu: 9000, mac: '02:00:00:00:00:03'},
  }
  const facts: Facts = {
    ...factsOf(lab()),
    links,
    keepalived: {installed: '1:2.2.7-1'},
    conntrackd: {candidate: '1:1.4.7-1'},
  }
  return liveProblems({vars, host, facts: {...facts, ...here}, peers: [{...peer, facts: {...facts, ...there}}]}).map(
    ({rule, what}) => `${rule}: ${what}`,
  )
}

test('a pair runs one version of each daemon', t => {
  t.deepEqual(found({}), [])
  t.deepEqual(found({}, {keepalived: {installed: '1:2.2.8-1'}}), [
    'vrrp-versions: keepalived 1:2.2.7-1 here and 1:2.2.8-1 on gw2: a pair runs one version',
  ])
  t.deepEqual(found({}, {conntrackd: {installed: '1:1.4.8-1'}}).length, 1)
})

test('both ends of a segment have one MTU', t => {
  const mac = '02:00:00:00:00:09'
  const links = {lan: {mtu: 1500, mac}, 'wan-a': {mtu: 1492, mac}, sync: {mtu: 1500, mac}}
  t.deepEqual(found({}, {links}), [
    'vrrp-mtu: the MTU of sync is 9000 here and 1500 on gw2',
    'vrrp-mtu: the MTU of wan-a is 1500 here and 1492 on gw2',
  ])
})

test('a virtual address that a stranger answers for is refused before it is there twice', t => {
  const seen = (lladdr: string) => found({neighbours: [{dst: 'fd00:10:10:0::1', dev: 'lan', lladdr}]}, {})
  t.deepEqual(seen('02:00:00:00:00:01'), [])
  t.deepEqual(seen('02:66:66:66:66:66'), [
    'vrrp-address-taken: fd00:10:10::1 is answered for by 02:66:66:66:66:66 on lan, which is no gateway of this pair',
  ])
})
