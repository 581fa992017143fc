// The decision tree of tunnels that drop, over what was observed of WireGuard.

import test from 'ava'
import '../../../src/resolve.ts'
import {causesIn, walkTree} from '../../../test/support/walk-tree.ts'
import type {DeviceOnHost} from '../diagnosis/observe.ts'
import {concentrator, member, ownDevice, publicKey, sharedDevice} from './example.ts'

const {diagnosis} = await import('../diagnosis/index.ts')
const {chainsIn} = await import('../../../src/facts/packet-filter.ts')

const gw1 = member('gw1', 2, [ownDevice('gw1', 2)])
const link = {up: true, carrier: true, mtu: 1500}
const links = {'wan-a': link, 'bond0.30': link, wg0: {...link, mtu: 1440}}
/** Recorded in the lab. */
const device: DeviceOnHost = {
  isApplied: true,
  watcher: 'active',
  unit: 'active',
  isMaster: true,
  publicKey: publicKey('gw1'),
  peers: [
    {
      key: concentrator.public_key,
      endpoint: '192.0.2.1:51820',
      allowedIps: ['10.99.0.1/32', '10.98.0.0/16'],
      age: 72,
      received: 593_910,
      sent: 591_400,
    },
  ],
}
const probe = {small: 3, large: 2, sentPackets: 5, receivedPackets: 5}
const flow = {device: 'wan-a', complaint: undefined, connection: 'replied'}
const well = {links, packetFilter: [], 'device wg0': device, 'probe wg0': probe, 'flow wg0': flow}
const look = (changed: object, self = gw1) =>
  walkTree(diagnosis, 'vpn-drops', [{...self, facts: {...well, ...changed}}])
const peerOf = (changed: Partial<DeviceOnHost['peers'][number]>) => ({
  'device wg0': {...device, peers: [{...device.peers[0], ...changed}]},
})
const silent = {small: 0, large: 0, sentPackets: 5, receivedPackets: 0}

test('a tunnel that is well: nothing found', t => {
  const {causes, steps} = look({})
  t.deepEqual(causes, [])
  t.snapshot(steps.map(step => `${step.asks}? ${step.is === 'well' ? step.saw : step.is}`))
})

for (const [title, changed] of [
  ['its link is down', {links: {...links, 'wan-a': {...link, carrier: false}}}],
  [
    'it is stopped',
    {'device wg0': {...device, unit: 'inactive', publicKey: undefined, peers: []}, 'probe wg0': silent},
  ],
  ['nobody watches', {'device wg0': {...device, watcher: 'failed'}}],
  ['never applied', {'device wg0': {...device, isApplied: false, publicKey: undefined, peers: []}}],
  ['another key of its own', {'device wg0': {...device, publicKey: publicKey('somebody')}}],
  ['the far end is not among its peers', peerOf({key: publicKey('somebody')})],
  ['it has moved, and does not answer there', {...peerOf({endpoint: '192.0.2.1:51999'}), 'probe wg0': silent}],
  ['networks are missing', peerOf({allowedIps: ['10.99.0.1/32']})],
  [
    'a rule drops it',
    {
      packetFilter: chainsIn(
        'table ip mine {\n\tchain c {\n\t\tudp dport 51800-51830 counter packets 3 bytes 444 drop\n\t}\n}',
      ),
    },
  ],
  ['no route', {'flow wg0': {...flow, device: undefined, complaint: 'RTNETLINK answers: Network is unreachable'}}],
  ['the wrong link', {'flow wg0': {...flow, device: 'bond0.30'}}],
  ['dropped on the way', {'probe wg0': silent, 'flow wg0': {...flow, connection: 'unreplied'}}],
  ['never met', {...peerOf({age: undefined}), 'probe wg0': silent, 'flow wg0': {...flow, connection: 'unreplied'}}],
  ['large packets are dropped', {'probe wg0': {...probe, large: 0}}],
] as const)
  test(`what it says: ${title}`, t => {
    t.snapshot(causesIn(look(changed)))
  })

test('a far end that answers no echo, and is heard, is well', t => {
  t.deepEqual(look({'probe wg0': {...silent, receivedPackets: 2}}).causes, [])
})

test('a device that follows the virtual address is looked at on the master alone', t => {
  const shared = member('gw1', 2, [sharedDevice()])
  const {steps} = look({'device road': {...device, isMaster: false, publicKey: undefined}}, shared)
  t.deepEqual(steps, [])
})
