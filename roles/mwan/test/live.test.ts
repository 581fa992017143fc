// The rules over what was found on a host, and how it is asked.

import test from 'ava'
import type {SeenAddress} from 'gatewright'
import '../../../src/resolve.ts'
import {host, office, officeHost, vars} from './example.ts'

const {liveFacts, liveProblems} = await import('../live-problems.ts')

type Facts = Parameters<typeof liveProblems>[0]['facts']
const ready = {up: true, carrier: true}
const facts: Facts = {
  links: {lan: ready, 'wan-a': ready, 'wan-b': ready},
  routes: [{to: 'default', table: 'main', device: 'wan-a'}],
  gateways: [],
  inUse: {priorities: [0, 32766, 32767]},
}
const found = (given: Partial<Facts> = {}): string[] =>
  liveProblems({vars, host, facts: {...facts, ...given}, offers: [], peers: []}).map(
    ({rule, what, isAdvice}) => `${isAdvice ? 'advice ' : ''}${rule}: ${what}`,
  )

test('nothing is wrong with a fresh host', t => {
  t.deepEqual(found(), [])
})

test('an uplink without its cable is told, and no reason to leave the others alone', t => {
  t.deepEqual(found({links: {...facts.links, 'wan-b': {up: true, carrier: false}}}), [
    'advice mwan-link-down: wan-b, the device of uplink wan-b, has no carrier',
  ])
  t.deepEqual(found({links: {...facts.links, 'wan-b': {up: false, carrier: false}}}), [
    'advice mwan-link-down: wan-b, the device of uplink wan-b, is not up',
  ])
})

test('a gateway that does not answer on its link is told', t => {
  const silent = (device: string, address: string): {gateways: SeenAddress[]} => ({
    gateways: [{device, address, is: 'silent'}],
  })
  t.deepEqual(found(silent('wan-a', '2001:db8:a::1')), [
    'advice mwan-gateway-silent: nobody answers for 2001:db8:a::1, the gateway of uplink wan-a, on wan-a',
  ])
  t.deepEqual(found(silent('wan-b', '192.0.2.1')), [])
  t.deepEqual(found({...silent('wan-a', '192.0.2.1'), links: {...facts.links, 'wan-a': {up: true, carrier: false}}}), [
    'advice mwan-link-down: wan-a, the device of uplink wan-a, has no carrier',
  ])
  t.deepEqual(
    found({gateways: [{device: 'wan-a', address: '192.0.2.1', is: 'answered', mac: '02:00:00:00:00:01'}]}),
    [],
  )
})

test('tables and rules that somebody else has made are refused, ours are not', t => {
  const routes = [{to: 'default', table: '1002', device: 'tun0'}]
  t.deepEqual(found({routes}), [
    'mwan-table-taken: table 1002 of uplink wan-b holds a route already (default dev tun0)',
  ])
  t.deepEqual(found({inUse: {priorities: [0, 9999, 10000, 10199, 10200, 32766]}}), [
    "mwan-priority-taken: there are ip rules with the priorities 10000, 10199, of which 10000 to 10199 are this role's",
  ])
  t.deepEqual(found({routes, inUse: undefined}), [])
})

test('each gateway is asked for on its device, and rules where this role never was', t => {
  const asked = liveFacts({vars: office, host: officeHost, peers: [], others: []})
  const [, words = ''] = /^set -- (.*)$/m.exec(asked.gateways.command.text) ?? []
  t.deepEqual(words.replaceAll("'", '').match(/\S+ \S+/g), [
    'bond0.20 203.0.113.1',
    'bond0.20 fe80::1',
    'bond0.30 198.51.100.65',
    'bond0.40 2001:db8:40::1',
  ])
  const parse = (stdout: string) => asked.inUse.parse({code: 0, stdout, stderr: ''})
  t.deepEqual(parse('0:\tfrom all lookup local\n100:\tfrom 10.8.0.2 lookup 100\n0:\tfrom all lookup local\n'), {
    priorities: [0, 100],
  })
  t.is(parse('ours\n'), undefined)
})
