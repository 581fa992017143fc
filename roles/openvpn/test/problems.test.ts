import test from 'ava'
import '../../../src/resolve.ts'
import {issue} from '../../../src/pki/issue.ts'
import {revoke} from '../../../src/pki/revocations.ts'
import {daysLater, monday} from '../../../test/support/pki.ts'
import type {Client, OpenvpnVars, Server} from '../vars.ts'
import {client, host, makePki, server, varsOf} from './example.ts'

const {problems} = await import('../problems.ts')

const pki = await makePki()
const foreign = await makePki()
test.after.always(() => {
  pki.remove()
  foreign.remove()
})
const vars = varsOf(pki)
const {server: mine, client: theirs} = pki

type Changed = Partial<OpenvpnVars>
const found = (changed: Changed, peer?: Changed, days = 1) =>
  problems(
    {
      vars: {...vars, ...changed},
      host,
      peers: peer === undefined ? [] : [{...host, name: 'gw2', vars: {...vars, ...changed, ...peer}}],
      others: [],
    },
    daysLater(days),
  )
const rules = (...args: Parameters<typeof found>): string[] => found(...args).map(({rule}) => rule)
const servers = (...changes: Partial<Server>[]): Changed => ({servers: changes.map(each => server(each))})
const clients = (...changes: Partial<Client>[]): Changed => ({
  clients: changes.map(each => client({...theirs, ...each})),
})
const alice = {name: 'alice', address: '10.80.0.10', networks: []}

test('the example is right', t => {
  t.deepEqual(found({}, {}), [])
  t.deepEqual(found({servers: [], clients: []}), [])
})

const second = {name: 'second', device: 'tun7', port: 1195, pool: '10.81.0.0/24', pool6: 'fd00:81::/64', clients: []}
const cases: [title: string, expected: string, changed: Changed, variable?: string][] = [
  ['a server without a key', 'openvpn-credentials', {key: undefined as never}, 'servers'],
  ['a server without a list of revoked certificates', 'openvpn-credentials', {crl: undefined as never}],
  ['a certificate that is none', 'openvpn-credentials', {cert: 'x'}, 'cert'],
  ['the key of another certificate', 'openvpn-key', {key: theirs.key}, 'key'],
  ["the key of another certificate, of a client's own", 'openvpn-key', clients({key: mine.key}), 'clients'],
  ['a certificate of another authority', 'openvpn-ca', {cert: foreign.server.cert, key: foreign.server.key}, 'cert'],
  ['a list of another authority of the same name', 'openvpn-ca', {crl: foreign.server.crl}, 'crl'],
  ['a client certificate for a server', 'openvpn-purpose', {cert: theirs.cert, key: theirs.key}, 'cert'],
  ["the servers' key of tls-crypt-v2 for a client", 'openvpn-tls-crypt', clients({tls_crypt_v2: mine.tls_crypt_v2})],
  ["a client's key of tls-crypt-v2 for a server", 'openvpn-tls-crypt', {tls_crypt_v2: theirs.tls_crypt_v2}],
  ['a pool that overlaps a link', 'openvpn-pool', servers({pool: '10.10.0.0/16', clients: []})],
  ['an IPv6 pool that overlaps a link', 'openvpn-pool', servers({pool6: 'fd00:10::/32', clients: []})],
  ['two pools that overlap', 'openvpn-pool', servers({}, {...second, pool: '10.80.0.0/25'})],
  [
    'a network behind a client that overlaps a link',
    'openvpn-pool',
    servers({clients: [{...alice, networks: ['10.10.0.128/25']}]}),
  ],
  [
    'two clients with the same network',
    'openvpn-pool',
    servers({
      clients: [
        {...alice, networks: ['10.20.0.0/16']},
        {name: 'b', address: '10.80.0.2', networks: ['10.20.7.0/24']},
      ],
    }),
  ],
  ['an address outside of the pool', 'openvpn-pool', servers({clients: [{...alice, address: '10.81.0.10'}]})],
  ["the server's own address for a client", 'openvpn-pool', servers({clients: [{...alice, address: '10.80.0.1'}]})],
  ['the broadcast address for a client', 'openvpn-pool', servers({clients: [{...alice, address: '10.80.0.255'}]})],
  ['an IPv6 address outside of the pool', 'openvpn-pool', servers({clients: [{...alice, address6: 'fd00:81::10'}]})],
  ['an address twice', 'openvpn-pool', servers({clients: [alice, {...alice, name: 'bob'}]})],
  ['a client twice', 'openvpn-pool', servers({clients: [alice, {...alice, address: '10.80.0.11'}]})],
  ['a pool without room', 'openvpn-pool', servers({pool: '10.80.0.0/30', clients: []})],
  ['a pool that is no network', 'openvpn-pool', servers({pool: '10.80.0.0/33', clients: []})],
  ['a device twice', 'openvpn-device', {...servers({}), ...clients({device: 'tun0'})}],
  ['the device of a link', 'openvpn-device', servers({device: 'lan'})],
  ['a name twice', 'openvpn-device', servers({}, {...second, name: 'road'})],
  ['a port twice', 'openvpn-port', servers({}, {...second, port: 1194})],
  [
    'a port twice, one of them on all addresses',
    'openvpn-port',
    servers({}, {...second, port: 1194, address: undefined as never}),
  ],
  ['a link that is not there', 'openvpn-link', clients({link: 'wan-c'})],
  ['an address of another link', 'openvpn-link', servers({address: '198.51.100.10'})],
  ['a timeout above the heartbeat', 'openvpn-heartbeat', servers({timeout: 9})],
  ['the timers of many examples', 'openvpn-heartbeat', clients({ping: 10, timeout: 120})],
  ['a timeout that bears no loss', 'openvpn-heartbeat', servers({ping: 5})],
  ['an MTU that does not fit', 'openvpn-mtu', servers({mtu: 1500})],
  ['an MTU that does not fit behind PPPoE', 'openvpn-mtu', clients({mtu: 1402, path_mtu: 1492})],
  ['an MTU too small for IPv6', 'openvpn-mtu', servers({mtu: 1200})],
  ['a server inside its own routes', 'openvpn-self', servers({push_routes: ['192.0.2.0/24']})],
  ['a remote inside its own routes', 'openvpn-self', clients({routes: ['0.0.0.0/0']})],
]
for (const [title, expected, changed, variable] of cases)
  test(`refused: ${title}`, t => {
    const all = found(changed)
    const problem = all.find(({rule}) => rule === expected)
    t.truthy(problem, `${all.map(({rule}) => rule).join(', ') || 'nothing'} instead of ${expected}`)
    if (variable !== undefined) t.is(problem?.variable, variable)
  })

test('what is fine beside it', t => {
  t.deepEqual(rules(servers({}, {...second, port: 1194, address: '192.0.2.11'})), [])
  t.deepEqual(rules(servers({mtu: 1448})), [])
  t.deepEqual(rules({heartbeat: 30, ...servers({timeout: 20})}), [])
})

for (const [title, days, expected] of [
  ['a list that ends within 30 days', 151, ['clients', 'crl']],
  ['a list that has ended', 181, ['clients', 'crl']],
  ['certificates that have ended', 400, ['cert', 'clients', 'crl']],
  ['certificates that are not valid yet', -1, ['ca', 'cert', 'clients', 'crl']],
] as const)
  test(`refused: ${title}`, t => {
    const all = found({}, undefined, days)
    t.deepEqual([...new Set(all.map(({rule}) => rule))], ['openvpn-expiry'])
    t.deepEqual([...new Set(all.map(({variable}) => variable))].toSorted(), [...expected])
  })

test('how much time has to be left is a variable, and a short life needs a third of itself', async t => {
  t.deepEqual(rules({days_left: 10}, undefined, 151), [])
  const short = await makePki()
  t.teardown(() => short.remove())
  await issue(short.desk, {name: 'short', profile: 'server', alternativeNames: ['short.example.net'], days: 20})
  const cert = short.read('issued/short.crt')
  const {ca, crl} = short.server
  const at = (days: number) =>
    rules({...short.server, ca, crl, cert, key: short.server.key, clients: []}, undefined, days)
  t.false(at(10).includes('openvpn-expiry'))
  t.true(at(15).includes('openvpn-expiry'))
})

test('an own certificate that is revoked', async t => {
  const other = await makePki()
  t.teardown(() => other.remove())
  await revoke(other.desk, ['vpn.example.net'], 'superseded')
  t.true(rules({...other.server, crl: other.read('crl.pem'), clients: []}).includes('openvpn-revoked'))
})

test('a pair has the same servers, authority, lists, key and ciphers, and says where the other is', t => {
  const other = (changed: Changed) =>
    found({}, changed).map(({rule, variable, also}) => `${rule} ${variable} ${also?.host}`)
  t.deepEqual(other(servers({pool: '10.80.0.0/23'})), ['openvpn-pair servers gw2'])
  t.deepEqual(other(servers({clients: [alice]})), ['openvpn-pair servers gw2'])
  t.deepEqual(other({crl: foreign.server.crl}), ['openvpn-pair crl gw2'])
  t.deepEqual(other({ca: foreign.server.ca}), ['openvpn-pair ca gw2'])
  t.deepEqual(other({tls_crypt_v2: foreign.server.tls_crypt_v2}), ['openvpn-pair tls_crypt_v2 gw2'])
  t.deepEqual(other({cert: theirs.cert}), ['openvpn-pair cert gw2'])
  t.deepEqual(other({ciphers: ['AES-256-GCM']}), ['openvpn-pair ciphers gw2'])
  t.deepEqual(other({servers: []}), ['openvpn-pair servers gw2'])
  t.deepEqual(other(clients({name: 'other'})), [], 'clients are their own')
})

test('a client and a server of this inventory agree', t => {
  const far = (changed: Changed, ours: Changed = {}) =>
    problems(
      {
        vars: {...vars, ...clients({remotes: [{host: '203.0.113.10', port: 1194, protocol: 'udp'}]}), ...ours},
        host,
        peers: [],
        others: [
          {
            name: 'hub',
            pair: undefined,
            site: 'hub',
            links: {wan: {device: 'wan', addresses: ['203.0.113.10/24']}},
            vars: {
              ...vars,
              clients: [],
              ...servers({address: undefined as never, clients: [{name: 'gw1', address: '10.80.0.5', networks: []}]}),
              ...changed,
            },
          },
        ],
      },
      daysLater(1, monday),
    ).map(({rule, also}) => `${rule} ${also?.host}`)
  t.deepEqual(far({}), [])
  t.deepEqual(far({ciphers: ['AES-256-GCM']}, {ciphers: ['CHACHA20-POLY1305']}), ['openvpn-cipher hub'])
  t.deepEqual(far({ciphers: ['AES-256-GCM']}), [])
  t.deepEqual(far({...foreign.server}), ['openvpn-ca hub'])
  t.deepEqual(far(servers({address: '203.0.113.10', clients: [alice]})), ['openvpn-far hub'])
  t.deepEqual(
    far({}, clients({server_name: 'other', remotes: [{host: '203.0.113.10', port: 1194, protocol: 'udp'}]})),
    ['openvpn-far hub'],
  )
})
