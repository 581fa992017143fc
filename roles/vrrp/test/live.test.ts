// The rules over what was found on both gateways and between them, and how it is asked.

import test from 'ava'
import '../../../src/resolve.ts'
import type {Found} from '../found.ts'
import type {VrrpVars} from '../view.ts'
import {lab, office, type Pair} from './fixtures.ts'

const {liveFacts} = await import('../live-facts.ts')
const {liveProblems} = await import('../live-problems.ts')

const device = (mac: string, mtu = 1500) => ({mtu, mac, up: true, carrier: true})
const linksOf = ({host}: Pair, number: number): Found['links'] =>
  Object.fromEntries(
    Object.values(host.links).map(({device: name}, index) => [name, device(`02:00:00:00:0${number}:0${index}`)]),
  )
const factsOf = (pair: Pair, number: number): Found => ({
  os: {id: 'debian', version: '12'},
  links: linksOf(pair, number),
  keepalived: {installed: '1:2.2.7-1'},
  conntrackd: {candidate: '1:1.4.7-1'},
  sockets: [],
  session: {server: '10.10.254.2'},
  answers: [],
  adverts: [],
})

type Given = {readonly pair?: Pair; readonly isFirst?: boolean; readonly alone?: boolean}
const judge = (here: Partial<Found>, there: Partial<Found> = {}, {pair = lab(), isFirst = true, alone}: Given = {}) => {
  const members = [
    {...pair.host, facts: {...factsOf(pair, 1), ...here}},
    {...pair.peer, facts: {...factsOf(pair, 2), ...there}},
  ]
  const [host, peer] = isFirst ? members : members.toReversed()
  if (!host || !peer) throw new Error('a pair is two')
  return liveProblems({vars: host.vars, host, facts: host.facts, offers: [], peers: alone ? [] : [peer]})
}
const found = (...given: Parameters<typeof judge>): string[] =>
  judge(...given).map(({rule, what, isAdvice}) => `${isAdvice ? 'advice ' : ''}${rule}: ${what}`)

test('nothing is wrong with a pair of equals, nor with a gateway whose peer does not answer', t => {
  t.deepEqual(found({}), [])
  t.deepEqual(found({}, {}, {pair: office()}), [])
  t.deepEqual(found({}, {}, {alone: true}), [])
})

test('versions that differ while a pair is upgraded are told once, and refuse nothing', t => {
  const newer = {keepalived: {installed: '1:2.3.3-1'}}
  t.deepEqual(found({}, newer), [
    'advice vrrp-versions: keepalived 1:2.2.7-1 here and 1:2.3.3-1 on gw2: a pair runs one version',
  ])
  t.deepEqual(found({}, newer, {isFirst: false}), [])
  t.deepEqual(found({}, {conntrackd: {installed: '1:1.4.7-1+deb12u1'}}), [
    'advice vrrp-versions: conntrackd 1:1.4.7-1 here and 1:1.4.7-1+deb12u1 on gw2: a pair runs one version',
  ])
  t.deepEqual(found({}, {conntrackd: {installed: '1:2.0-1'}}, {pair: lab({conntrack: false})}), [])
  t.deepEqual(found({}, {keepalived: {}}), [], 'not to be told')
})

test('another major version is refused', t => {
  t.deepEqual(found({}, {keepalived: {installed: '1:1.3.9-1'}}), [
    'vrrp-versions: keepalived 1:2.2.7-1 here and 1:1.3.9-1 on gw2: a pair runs one version',
  ])
})

test('another release is told, another system is refused', t => {
  t.deepEqual(found({}, {os: {id: 'debian', version: '13'}}), [
    'advice vrrp-release: debian 12 here and debian 13 on gw2: a pair runs one release',
  ])
  t.deepEqual(found({}, {os: {id: 'ubuntu', version: '12'}}), [
    'vrrp-release: debian 12 here and ubuntu 12 on gw2: a pair runs one release',
  ])
})

const changed = (name: string, change: Partial<Found['links'][string]>, number = 2, pair = lab()) => {
  const links = linksOf(pair, number)
  return {links: {...links, [name]: {...device('02:00:00:00:09:09'), ...links[name], ...change}}}
}

test('both ends of a segment have one MTU', t => {
  const [problem] = judge({}, changed('sync', {mtu: 9000}))
  t.like(problem, {rule: 'vrrp-mtu', variable: 'sync_link', also: {host: 'gw2'}})
  t.deepEqual(found({}, changed('wan-a', {mtu: 1492})), ['vrrp-mtu: the MTU of wan-a is 1500 here and 1492 on gw2'])
  t.deepEqual(found({}, changed('mgmt', {mtu: 1492})), [], 'nothing of the pair goes there')
  t.deepEqual(found({}, {links: {}}), [], 'devices that are not there are refused elsewhere')
})

test('two machines have two hardware addresses', t => {
  t.deepEqual(found({}, changed('lan', {mac: '02:00:00:00:01:00'})), [
    'vrrp-same-mac: 02:00:00:00:01:00 is the hardware address of lan here and on gw2',
  ])
  t.deepEqual(found(changed('sync', {mac: ''}, 1), changed('sync', {mac: ''})), [], 'a device without one')
})

test('a cable that is out, or a device that is down, is told and is no reason to leave the pair alone', t => {
  t.deepEqual(found(changed('wan-a', {carrier: false}, 1)), [
    'advice vrrp-link-down: wan-a, the device of wan-a, has no carrier',
  ])
  t.deepEqual(found(changed('sync', {up: false, carrier: false}, 1)), [
    'advice vrrp-link-down: sync, the device of sync, is not up',
  ])
  t.deepEqual(found({}, changed('lan', {carrier: false})), [], 'the peer says it')
})

const silent = (address: string, name = 'lan') => ({answers: [{device: name, address, is: 'silent' as const}]})
test('a peer that does not answer in a segment is told, unless a cable is out', t => {
  t.deepEqual(found(silent('fd00:10:10:0::3')), [
    'advice vrrp-peer-silent: nobody answers for fd00:10:10:0::3 of gw2 on lan: the two are not in one segment (VLAN)',
  ])
  t.deepEqual(found(silent('10.10.0.3'), changed('lan', {carrier: false})), [])
  t.deepEqual(found(silent('10.10.0.1')), [], 'a virtual address that is free')
  t.deepEqual(found(silent('10.10.0.3', 'wan-a')), [], 'not its link')
})

const answered = (address: string, mac: string, name = 'lan') => ({
  answers: [{device: name, address, is: 'answered' as const, mac}],
})
test('a virtual address that a stranger answers for is refused before it is there twice', t => {
  t.deepEqual(found(answered('10.10.0.1', '02:00:00:00:02:00')), [], 'the peer is master')
  t.deepEqual(found(answered('fd00:10:10:0::1', '02:66:66:66:66:66')), [
    'vrrp-address-taken: fd00:10:10::1 is answered for by 02:66:66:66:66:66 on lan, which is no gateway of this pair',
  ])
  t.deepEqual(found(answered('10.10.0.1', '02:66:66:66:66:66'), {}, {alone: true}), [], 'it may be the peer')
  const instances = [{name: 'dns', link: 'lan', router_id: 53, addresses: ['10.10.0.53/24']}]
  t.like(judge(answered('10.10.0.53', '02:66:66:66:66:66'), {}, {pair: lab({instances})})[0], {variable: 'instances'})
})

test('an address of the peer that a stranger answers for is refused', t => {
  t.deepEqual(found(answered('10.10.255.3', '02:66:66:66:66:66', 'sync')), [
    'vrrp-peer-address: 10.10.255.3 of gw2 is answered for by 02:66:66:66:66:66 on sync, which is no device of it',
  ])
})

const heard = (vrid: number, mac: string, name = 'bond0.20', family: 4 | 6 = 4) => ({
  adverts: [
    {
      device: name,
      way: 'in' as const,
      family,
      version: 3,
      vrid,
      priority: 100,
      interval: 1,
      source: '172.20.7.9',
      mac,
      count: 5,
    },
  ],
})
test('an identifier that another router of the segment speaks is refused', t => {
  const told = (given: Partial<Found>, vars: Partial<VrrpVars> = {}) => found(given, {}, {pair: office(vars)})
  const stranger = '02:66:66:66:66:66'
  t.deepEqual(told(heard(7, stranger)), [
    'vrrp-router-id-taken: 172.20.7.9 (02:66:66:66:66:66) speaks VRRP with the identifier 7 on bond0.20, and is no gateway of this pair',
  ])
  t.deepEqual(
    judge(heard(53, stranger), {}, {pair: office()}).map(({variable}) => variable),
    ['instances'],
  )
  t.deepEqual(told(heard(8, stranger)), [], 'another identifier')
  t.deepEqual(told(heard(7, '02:00:00:00:02:00')), [], 'the peer')
  t.deepEqual(told(heard(7, stranger, 'mgmt0')), [], 'another segment')
  t.deepEqual(told(heard(7, stranger, 'bond0.20', 6)), [], 'the other family has identifiers of its own')
  t.deepEqual(told(heard(7, stranger), {unicast: true, instances: []}), [], 'nothing is said to everybody')
})

test('a connection that has come to a virtual address is refused', t => {
  t.deepEqual(found({session: {server: '10.10.0.1'}}), [
    'vrrp-managed-by-virtual-address: you are connected to 10.10.0.1, a virtual address: a take-over would cut the connection that makes it',
  ])
  t.deepEqual(found({session: {server: undefined}}), [])
})

test("the ports of conntrackd are nobody else's", t => {
  const held = (port: number, process?: string, protocol: 'tcp' | 'udp' = 'udp') => ({
    sockets: [{protocol, address: '10.10.255.2', port, process}],
  })
  t.deepEqual(found(held(3780, 'syslogd')), [
    'vrrp-port-taken: the udp port 3780 of conntrackd is held by syslogd (10.10.255.2)',
  ])
  t.deepEqual(found(held(3780, 'conntrackd')), [])
  t.deepEqual(found(held(3780)), [], 'who it is cannot be told')
  t.deepEqual(found(held(3780, 'syslogd', 'tcp')), [])
  t.deepEqual(found(held(3780, 'syslogd'), {}, {pair: lab({conntrack: false})}), [])
  t.is(found(held(3781, 'syslogd'), {}, {pair: office()}).length, 1, 'each link has a port')
})

const ask = ({host, peer, vars}: Pair) => liveFacts({vars, host, peers: [peer], others: []})
const answer = (stdout: string) => ({code: 0, stdout, stderr: ''})

test('the addresses of the peer and the virtual ones are asked for, each where it is', t => {
  const [, asked = ''] = /^set -- (.*)$/m.exec(ask(lab()).answers.command.text) ?? []
  t.deepEqual(asked.replaceAll("'", '').match(/\S+ \S+/g), [
    'sync 10.10.255.3',
    'lan 10.10.0.3',
    'lan fd00:10:10::3',
    'wan-a 192.0.2.3',
    'lan 10.10.0.1',
    'lan fd00:10:10::1',
    'wan-a 192.0.2.10',
  ])
  t.deepEqual(ask(lab()).answers.parse(answer('lan 10.10.0.3 answered 02:00:00:00:02:00\nlan 10.10.0.1 silent\n')), [
    {device: 'lan', address: '10.10.0.3', is: 'answered', mac: '02:00:00:00:02:00'},
    {device: 'lan', address: '10.10.0.1', is: 'silent'},
  ])
  t.deepEqual(ask(lab()).answers.parse(answer('')), [])
})

test('other routers are listened for where something is said to everybody', t => {
  const devices = (pair: Pair) =>
    /^set -- ?(.*)$/m.exec(ask(pair).adverts.command.text)?.[1]?.replaceAll("'", '').split(' ')
  t.deepEqual(devices(office()), ['bond0.20', 'bond0.201', 'enp3s0', 'wwan0'])
  t.deepEqual(devices(lab()), [''])
  const from = 'fe80::1 02:66:66:66:66:66'
  t.deepEqual(
    ask(office()).adverts.parse(answer(`5 bond0.20 in 6 3 7 100 1 ${from}\n5 bond0.20 out 6 3 7 100 1 ${from}\n`)),
    [
      {
        device: 'bond0.20',
        way: 'in',
        family: 6,
        version: 3,
        vrid: 7,
        priority: 100,
        interval: 1,
        source: 'fe80::1',
        mac: '02:66:66:66:66:66',
        count: 5,
      },
    ],
  )
})
