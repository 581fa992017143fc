import test from 'ava'
import '../../../src/resolve.ts'
import type {PeerVars} from '../view.ts'
import {concentrator, type Member, member, ownDevice, publicKey, secret, sharedDevice, upstream} from './example.ts'

const {problems} = await import('../problems.ts')

type Device = ReturnType<typeof ownDevice>
const today = new Date('2026-11-23T08:00:00Z')
const found = (host: Member, {peers = [], others = []}: {peers?: Member[]; others?: Member[]} = {}) =>
  problems({vars: host.vars, host, peers, others}, today)
const rulesOf = (...args: Parameters<typeof found>): string[] => found(...args).map(({rule}) => rule)
const one = (changed: Partial<Device>, variables = {}): Member =>
  member('gw1', 2, [ownDevice('gw1', 2, changed)], variables)
const withPeer = (changed: Partial<PeerVars>, device: Partial<Device> = {}): Member =>
  one({peers: [{...concentrator, ...changed}], ...device})

test('both modes are right, alone and with the far end in the inventory', t => {
  const pair = (name: string, number: number) => member(name, number, [ownDevice(name, number), sharedDevice()])
  t.deepEqual(found(pair('gw1', 2), {peers: [pair('gw2', 3)]}), [])
  t.deepEqual(found(one({}), {others: [upstream()]}), [])
  t.deepEqual(found(upstream(), {others: [one({})]}), [])
})

const cases: [title: string, rule: string, host: Member][] = [
  ['a name without a number', 'id', one({name: 'office'})],
  ['two devices of one number', 'twice', member('gw1', 2, [ownDevice('a', 2), ownDevice('b', 2, {name: 'vpn0'})])],
  ['an address that is none', 'address', one({addresses: ['10.99.0.256/24']})],
  ['a prefix that is none', 'address', withPeer({allowed_ips: ['10.0.0.0/33']})],
  ['a link that the host does not have', 'link', one({link: 'wan-c'})],
  ['a source outside of the link', 'source', one({source: ['198.51.100.10']})],
  [
    'a source without a link',
    'source',
    member('gw1', 2, [{...ownDevice('gw1', 2, {source: ['192.0.2.10']}), link: undefined as never}]),
  ],
  ['an MTU of an Ethernet', 'mtu', member('gw1', 2, [{...ownDevice('gw1', 2, {mtu: 1500}), link: undefined as never}])],
  ['an MTU too small for IPv6', 'mtu', one({mtu: 1200})],
  ['an endpoint that is none', 'endpoint', withPeer({endpoint: '192.0.2.300:51820'})],
  ['a port that is none', 'endpoint', withPeer({endpoint: 'vpn.example.net:70000'})],
  ["the article's keepalive of 25 s", 'keepalive', withPeer({keepalive: 25})],
  ['a keepalive that just misses the heartbeat', 'keepalive', withPeer({keepalive: 10})],
  ['a tunnel that is routed into itself', 'into-itself', withPeer({allowed_ips: ['192.0.2.0/24']})],
  [
    'everything routed into a tunnel without a way of its own',
    'into-itself',
    member('gw1', 2, [
      {
        ...ownDevice('gw1', 2, {routes: true, peers: [{...concentrator, allowed_ips: ['0.0.0.0/0']}]}),
        link: undefined as never,
      },
    ]),
  ],
  [
    'two peers with one prefix',
    'allowed-ips',
    one({peers: [concentrator, {name: 'b', public_key: publicKey('b'), allowed_ips: ['10.98.7.0/24']}]}),
  ],
  ['two peers of one name', 'twice', one({peers: [concentrator, {name: 'concentrator', public_key: publicKey('b')}]})],
  [
    'two peers with one key',
    'key-shared',
    one({peers: [concentrator, {name: 'b', public_key: publicKey('upstream')}]}),
  ],
  ['a device that is its own peer', 'key-shared', withPeer({public_key: publicKey('gw1')})],
  ['a next key that is the present one', 'next-key', one({next_private_key: secret('gw1')})],
  ['a key of more than a year', 'key-age', one({created: '2025-11-22'})],
  ['a key past its day', 'key-age', one({rotate_by: '2026-11-22'})],
  ['the key of a peer past its day', 'key-age', withPeer({rotate_by: '2026-11-22'})],
  ['a mask with gaps', 'mask', one({}, {mark_mask: 0xfe0000})],
  ['a device that follows without a pair', 'follow', member('gw1', 2, [sharedDevice()])],
  ['a far end that has no device', 'far-end', withPeer({host: 'nobody'})],
]
for (const [title, rule, host] of cases)
  test(`refused: ${title}`, t => {
    const all = found(host)
    t.true(
      all.some(each => each.rule === `wireguard-${rule}`),
      `${all.map(each => each.rule).join(', ') || 'nothing'} instead of ${rule}`,
    )
    t.true(all.every(({what, fix}) => what.length > 10 && (fix ?? '').length > 5))
  })

test('not refused: the day itself, an age of a year, keys that are never too old, everything to one peer and a part to another', t => {
  t.deepEqual(found(one({rotate_by: '2026-11-23', created: '2025-11-23'})), [])
  t.deepEqual(found(one({created: '2020-01-01'}, {max_key_age: 0})), [])
  t.deepEqual(
    found(
      one({
        peers: [
          {...concentrator, allowed_ips: ['0.0.0.0/0']},
          {name: 'b', public_key: publicKey('b'), allowed_ips: ['10.98.7.0/24']},
        ],
      }),
    ),
    [],
  )
})

test('a key that is nobody’s is refused where the far end is of the inventory: by its name, or by its endpoint', t => {
  const stranger = {public_key: publicKey('stranger')}
  t.deepEqual(rulesOf(withPeer(stranger)), [], 'somebody else, of whom nothing is known')
  for (const host of [withPeer({...stranger, host: 'upstream'}), withPeer(stranger)]) {
    const [first, ...rest] = found(host, {others: [upstream()]})
    t.like(first, {rule: 'wireguard-unknown-key', also: {host: 'upstream'}})
    t.deepEqual(rest, [])
  }
  t.deepEqual(rulesOf(one({}), {others: [upstream({}, stranger)]}), ['wireguard-unknown-key'], 'it does not know us')
})

test('both ends have one preshared key, or none, and the port that the other is reached at', t => {
  t.deepEqual(rulesOf(one({}), {others: [upstream({}, {preshared_key: secret('another')})]}), ['wireguard-psk'])
  t.deepEqual(rulesOf(one({}), {others: [upstream({}, {preshared_key: undefined})]}), ['wireguard-psk'])
  t.deepEqual(rulesOf(one({}), {others: [upstream({port: 51821})]}), ['wireguard-endpoint'])
})

test('a next key must be accepted by the far end before', t => {
  const next = {next_private_key: secret('upstream next')}
  t.deepEqual(rulesOf(one({}), {others: [upstream(next)]}), ['wireguard-next-key'])
  t.deepEqual(rulesOf(withPeer({next_public_key: publicKey('upstream next')}), {others: [upstream(next)]}), [])
})

test('one key on two devices that are up is refused, but for a pair that follows VRRP', t => {
  const own = (number: number) => member(`gw${number}`, number, [ownDevice('same', number)])
  t.deepEqual(
    found(own(1), {peers: [own(2)]}).map(({rule, also}) => [rule, also?.host]),
    [['wireguard-key-shared', 'gw2']],
  )
  const shared = (number: number, changed = {}) => member(`gw${number}`, number, [sharedDevice(changed)])
  t.deepEqual(rulesOf(shared(1), {peers: [shared(2)]}), [])
  t.true(rulesOf(shared(1), {peers: [shared(2, {follow: 'other'})]}).includes('wireguard-key-shared'))
  t.true(rulesOf(shared(1), {others: [{...shared(2), pair: 'other'}]}).includes('wireguard-key-shared'))
})

for (const [what, changed] of [
  ['port', {port: 4501}],
  ['key', {private_key: secret('another')}],
  ['next key', {next_private_key: secret('another')}],
  ['addresses', {addresses: ['10.97.0.2/24']}],
  ['peers', {peers: []}],
  ['device', {name: 'other'}],
] as const)
  test(`a pair with one key differs in nothing that a peer could notice: ${what}`, t => {
    const host = (number: number, difference = {}) => member(`gw${number}`, number, [sharedDevice(difference)])
    const problem = found(host(1), {peers: [host(2, changed)]}).find(({rule}) => rule === 'wireguard-pair')
    t.like(problem, {also: {host: 'gw2'}})
    t.true(problem?.what.includes(what))
  })

test('a pair needs a sync link with an address', t => {
  const host = (name: string) => member(name, 2, [sharedDevice()], {sync_link: 'none'})
  t.true(rulesOf(host('gw1'), {peers: [host('gw2')]}).includes('wireguard-follow'))
})
