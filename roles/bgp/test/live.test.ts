// The rules over what was found on both gateways, and how it is asked.

import test from 'ava'
import '../../../src/resolve.ts'
import {host, officeHost, officeVars, peer, vars} from './fixtures.ts'

const {liveFacts, liveProblems} = await import('../live-problems.ts')

type Facts = Parameters<typeof liveProblems>[0]['facts']
const ready = {up: true, carrier: true}
const facts: Facts = {
  links: {lan: ready, 'wan-a': ready, 'wan-b': ready, sync: ready},
  frr: {installed: '8.4.4-1.1~deb12u2'},
  sockets: [],
  neighbours: [],
}
const judge = (here: Partial<Facts> = {}, there: Partial<Facts> = {}) =>
  liveProblems({
    vars,
    host,
    facts: {...facts, ...here},
    offers: [],
    peers: [{...peer, facts: {...facts, ...there}}],
  })
const found = (...given: Parameters<typeof judge>): string[] =>
  judge(...given).map(({rule, what, isAdvice}) => `${isAdvice ? 'advice ' : ''}${rule}: ${what}`)

test('versions that differ are told once', t => {
  t.deepEqual(found(), [])
  const told = 'advice bgp-versions: frr 8.4.4-1.1~deb12u2 here and 10.2.1-2 on gw2: a pair runs one version'
  t.deepEqual(found({}, {frr: {candidate: '10.2.1-2'}}), [told])
  t.deepEqual(found({}, {frr: {}}), [])
  const newer = {...peer, facts: {...facts, frr: {installed: '10.2.1-2'}}}
  t.deepEqual(
    liveProblems({vars, host: {...host, name: 'gw3'}, facts, offers: [], peers: [newer]}),
    [],
    'the peer says it',
  )
})

test("ports of FRR's daemons that somebody else has are refused", t => {
  const held = (protocol: 'tcp' | 'udp', port: number, process?: string) =>
    found({sockets: [{protocol, address: '*', port, process}]})
  t.deepEqual(held('tcp', 179, 'bird'), ['bgp-port-taken: the tcp port 179 of bgpd is held by bird'])
  t.deepEqual(held('udp', 3784, 'keepalived'), ['bgp-port-taken: the udp port 3784 of bfdd is held by keepalived'])
  t.deepEqual(held('udp', 4784, 'bfdd'), [])
  t.deepEqual(held('tcp', 179, 'bgpd'), [])
  t.deepEqual(held('udp', 179, 'bird'), [])
  t.deepEqual(held('tcp', 179), [], 'who it is cannot be told')
})

test('a neighbor of the segment that does not answer is told, where there is a carrier', t => {
  const neighbours = [{device: 'wan-a', address: '192.0.2.1', is: 'silent'} as const]
  t.deepEqual(found({neighbours}), ['advice bgp-neighbor-silent: nobody answers for 192.0.2.1 (provider A) on wan-a'])
  t.deepEqual(found({neighbours, links: {...facts.links, 'wan-a': {up: true, carrier: false}}}), [])
  t.deepEqual(found({neighbours: [{...neighbours[0]!, device: 'wan-b'}]}), [])
})

test('every neighbor of a segment is asked for, none that is many hops away or shut down', t => {
  const {command} = liveFacts({vars: officeVars, host: officeHost, peers: [], others: []}).neighbours
  const [, words = ''] = /^set -- (.*)$/m.exec(command.text) ?? []
  t.deepEqual(words.replaceAll("'", '').match(/\S+ \S+/g), [
    'bond0.11 2001:db8:11::ffff',
    'bond0.12 172.20.12.1',
    'enp7s0f1 172.20.13.251',
  ])
})
