// The decision tree of tunnels that drop, over what was observed of OpenVPN.

import test from 'ava'
import '../../../src/resolve.ts'
import {causesIn, type Observed, walkTree} from '../../../test/support/walk-tree.ts'
import type {InstanceOnHost} from '../diagnosis/observe.ts'
import type {OpenvpnVars} from '../vars.ts'
import {client, host, server} from './example.ts'

const {diagnosis} = await import('../diagnosis/index.ts')
const {chainsIn} = await import('../../../src/facts/packet-filter.ts')

const vars: OpenvpnVars = {
  heartbeat: 10,
  days_left: 30,
  restart_days: 14,
  servers: [],
  clients: [client({addresses: ['10.99.2.2/29']})],
}
const link = {up: true, carrier: true, mtu: 1500}
const now = new Date('2026-11-30T21:48:00Z')
const files = (until: string, path = '/etc/openvpn/client/hq/crl.pem') => ({
  now,
  files: [{path, until: new Date(until), daysLeft: Math.floor((Date.parse(until) - now.getTime()) / 86_400_000)}],
})
const instance: InstanceOnHost = {
  isApplied: true,
  active: 'active',
  status: 'Initialization Sequence Completed',
  isMaster: true,
  complaints: [],
}
const probe = {small: 3, large: 2, sentPackets: 5, receivedPackets: 5}
const silent = {small: 0, large: 0, sentPackets: 5, receivedPackets: 0}
const flow = {device: 'wan-b', complaint: undefined, connection: 'replied'}
const well = {
  links: {'wan-a': link, 'wan-b': link, tun1: link},
  packetFilter: [],
  credentialsOnHost: files('2027-05-28T00:00:00Z'),
  'client hq': instance,
  'probe client hq': probe,
  'flow client hq': flow,
}
const facts = (changed: object) => ({...well, ...changed})
const look = (changed: object, there: object = {}) =>
  walkTree(diagnosis, 'vpn-drops', [
    {...host, vars, facts: facts(changed)},
    {...host, name: 'gw2', vars, facts: facts(there)},
  ] as Observed[])
const lost = (complaint: string, status = 'Waiting for server') => ({
  'client hq': {...instance, status, complaints: [complaint]},
  'probe client hq': silent,
  'flow client hq': {...flow, connection: 'unreplied'},
})

test('a tunnel that is well: nothing found', t => {
  const {causes, steps} = look({})
  t.deepEqual(causes, [])
  t.snapshot(steps.map(step => `${step.host} ${step.asks}? ${step.is === 'well' ? step.saw : step.is}`))
})

for (const [title, changed] of [
  [
    'its link is down',
    {links: {...well.links, 'wan-b': {...link, up: false}}, ...lost('TLS Error: TLS key negotiation failed')},
  ],
  ['the list has ended', {credentialsOnHost: files('2026-11-29T00:00:00Z')}],
  ['the certificate has ended', {credentialsOnHost: files('2026-11-29T00:00:00Z', '/etc/openvpn/client/hq/cert.crt')}],
  ['the clock is ahead', {credentialsOnHost: {...well.credentialsOnHost, now: new Date(now.getTime() + 7_200_000)}}],
  ['it is stopped', {'client hq': {...instance, active: 'inactive', status: ''}}],
  ['never set up', {'client hq': {...instance, isApplied: false, active: 'inactive'}}],
  [
    'a rule drops it',
    {
      packetFilter: chainsIn(
        'table inet mine {\n\tchain c {\n\t\tip daddr 203.0.113.10 counter packets 3 bytes 444 reject\n\t}\n}',
      ),
    },
  ],
  [
    'no route',
    {'flow client hq': {...flow, device: undefined, complaint: 'RTNETLINK answers: Network is unreachable'}},
  ],
  ['dropped on the way', lost('TLS Error: TLS key negotiation failed to occur within 60 seconds')],
  ['connected once, silent now', {'probe client hq': silent}],
  ['the server does not run', lost('read UDPv4 [ECONNREFUSED]: Connection refused (fd=3,code=111)')],
  ['the server refuses it', lost('AUTH: Received control message: AUTH_FAILED')],
  ['the server is another one', lost('VERIFY X509NAME ERROR: CN=other.example.net, must be vpn.example.net')],
  [
    'the server has an ended certificate',
    lost('VERIFY ERROR: depth=0, error=certificate has expired: CN=vpn.example.net'),
  ],
  ['its name is not resolved', lost('RESOLVE: Cannot resolve host address: vpn2.example.net:443')],
  ['large packets are dropped', {'probe client hq': {...probe, large: 0}}],
] as const)
  test(`what it says: ${title}`, t => {
    t.snapshot(causesIn(look(changed)))
  })

test('a server that follows the virtual address is looked at on the master alone', t => {
  const shared: OpenvpnVars = {...vars, clients: [], servers: [server()]}
  const idle = {...well, 'server road': {...instance, active: 'inactive', isMaster: false}}
  const {causes} = walkTree(diagnosis, 'vpn-drops', [{...host, vars: shared, facts: idle}])
  t.deepEqual(causes, [])
})
