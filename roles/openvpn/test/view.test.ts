import test from 'ava'
import '../../../src/resolve.ts'
import type {OpenvpnVars} from '../vars.ts'
import {client, facts, host, makePki, server, varsOf} from './example.ts'

const {cipherProblems} = await import('../cipher-problems.ts')
const {healthOfClient, healthOfServer} = await import('../health.ts')
const {firstOf, isForClient, maskOf, secondOf} = await import('../networks.ts')
const {credentialsOnHost, liveProblems} = await import('../live-problems.ts')
const {offers} = await import('../offers.ts')
const {default: role} = await import('../role.ts')
const {admittedKind} = await import('../resources/admitted.ts')
const {certificateInUseKind} = await import('../resources/certificate-in-use.ts')
const {followedKind} = await import('../resources/followed.ts')
const {onlyInstancesKind} = await import('../resources/only-instances.ts')
const {connectionIn, sessionsIn} = await import('../status.ts')
const {clientConf} = await import('../templates/client-conf.ts')
const {endProgram} = await import('../templates/end-program.ts')
const {clientSettings, serverConf} = await import('../templates/server-conf.ts')
const {sessionHook} = await import('../templates/session-hook.ts')
const {startProgram} = await import('../templates/start-program.ts')
const {tellProgram} = await import('../templates/tell-program.ts')
const {followLines, unitConf} = await import('../templates/unit-conf.ts')
const {vrrpHook} = await import('../templates/vrrp-hook.ts')
const {watchConf, watchProgram, watchUnit} = await import('../templates/watch-program.ts')
const {clientsOf, serversOf} = await import('../view.ts')

const pki = await makePki()
test.after.always(() => pki.remove())
const vars = varsOf(pki)

const one = <Item>(items: readonly Item[]): Item => {
  const [first] = items
  if (first === undefined) throw new Error('there is none')
  return first
}

test('a server behind a virtual address, with IPv6 and a branch', t => {
  const view = one(serversOf(vars, facts))
  t.snapshot(serverConf(view), 'road.conf')
  for (const each of view.clients) t.snapshot(clientSettings(view, each), each.name)
  t.snapshot(unitConf(view, followLines(view)), 'drop-in')
  t.snapshot(vrrpHook(vars), 'hook')
})

test('a server over TCP on all addresses, without AES in hardware', t => {
  const changed = {
    ...vars,
    servers: [
      server({
        protocol: 'tcp',
        port: 443,
        address: undefined as never,
        follow: '',
        pool6: undefined as never,
        push_dns: ['10.10.0.53'],
        clients: [],
      }),
    ],
  }
  const view = one(serversOf(changed, {cpu: {aes: false}}))
  t.snapshot(serverConf(view))
  t.is(vrrpHook(changed).includes('systemctl'), false)
})

test('a client with two remotes, bound to its link', t => {
  const view = one(clientsOf(vars, facts, host))
  t.snapshot(clientConf(view), 'hq.conf')
  t.snapshot(unitConf(view), 'drop-in')
  const free = {...vars, clients: [client({...pki.client, link: undefined as never, accept_routes: true, routes: []})]}
  const text = clientConf(one(clientsOf(free, facts, host)))
  t.notRegex(text, /bind-dev|route-nopull/)
})

test('programs and the watch', t => {
  t.snapshot({sessionHook, startProgram, tellProgram, endProgram, watchProgram, watchUnit})
  t.snapshot(watchConf([...serversOf(vars, facts), ...clientsOf(vars, facts, host)]), 'watch')
})

test('no secret is text of a resource, and keys are closed to others', t => {
  const resources = role.resources({vars: vars as never, facts, host, peers: [], offers: []})
  const secrets = [pki.server.key, pki.server.tls_crypt_v2, pki.client.key].map(
    each => each.reveal().split('\n')[1] ?? '',
  )
  const shown = JSON.stringify(resources.map(({id, desired}) => ({id, ...desired})))
  t.true(secrets.every(secret => secret.length > 40 && !shown.includes(secret)))
  const keys = resources.filter(({id}) => /key\.pem|tls-crypt-v2\.pem/.test(id))
  t.is(keys.length, 4)
  t.true(keys.every(({desired}) => desired.mode === '0600'))
  t.deepEqual(
    resources.filter(({kind}) => kind.name === 'package').flatMap(({desired}) => desired.names),
    role.packages,
  )
  t.deepEqual(new Set(resources.map(({id}) => id)).size, resources.length)
})

test('a renewed certificate restarts nothing; another authority does', t => {
  const notified = (path: string) =>
    role
      .resources({vars: vars as never, facts, host, peers: [], offers: []})
      .find(({id}) => id === `file /etc/openvpn/server/road/${path}`)
      ?.notify.map(({id}) => id)
  t.deepEqual(notified('cert.crt'), [])
  t.deepEqual(notified('key.pem'), [])
  t.deepEqual(notified('crl.pem'), [])
  t.deepEqual(notified('ca.crt'), ['restart openvpn-server@road'])
})

test('what others are told', t => {
  t.snapshot(offers({vars, host}))
  t.deepEqual(offers({vars: {...vars, servers: [], clients: []}, host}), [])
  const known = {...vars, servers: [], clients: [client({...pki.client, addresses: ['10.90.0.2/29']})]}
  t.like(
    offers({vars: known, host}).find(({offer}) => offer === 'tunnel'),
    {device: 'tun1', addresses: ['10.90.0.2/29']},
  )
})

test('addresses of networks', t => {
  t.deepEqual(['10.80.0.0/24', '10.80.0.128/25', 'fd00:80::/64', '10.80.0.7/24'].map(firstOf), [
    '10.80.0.1',
    '10.80.0.129',
    'fd00:80::1',
    '10.80.0.1',
  ])
  t.is(secondOf('fd00:80::/64'), 'fd00:80::2')
  t.deepEqual(['10.0.0.0/8', '10.20.0.0/14', '10.80.0.0/25', '10.1.1.1'].map(maskOf), [
    '255.0.0.0',
    '255.252.0.0',
    '255.255.255.128',
    '255.255.255.255',
  ])
  const fits = (address: string) => isForClient('10.80.0.0/24', address)
  t.deepEqual(['10.80.0.0', '10.80.0.1', '10.80.0.2', '10.80.0.254', '10.80.0.255', '10.81.0.2'].map(fits), [
    false,
    false,
    true,
    true,
    false,
    false,
  ])
})

test('health: absent before the first run; a server that follows is down on the backup', t => {
  t.deepEqual(healthOfServer('absent\n', true), {is: 'absent'})
  t.deepEqual(healthOfServer('inactive\nother\n', true), {is: 'healthy'})
  t.is(healthOfServer('inactive\nmaster\n', true).is, 'sick')
  t.is(healthOfServer('active\nother\n', true).is, 'sick')
  t.is(healthOfServer('active\nmaster\n', true).is, 'healthy')
  t.is(healthOfServer('failed\nother\n', false).is, 'sick')
  t.deepEqual(healthOfClient('active\n1592410300,CONNECTED,SUCCESS,10.8.0.2,203.0.113.9,1194,,\n'), {is: 'healthy'})
  t.deepEqual(healthOfClient('active\n1592410320,RECONNECTING,ping-restart,,,,,\n'), {
    is: 'sick',
    reason: 'it is not connected: RECONNECTING, ping-restart',
  })
  t.deepEqual(healthOfClient('active\n'), {is: 'sick', reason: 'it is not connected: it says nothing'})
  t.is(healthOfClient('activating\n1592410300,CONNECTED,SUCCESS,10.8.0.2,203.0.113.9,1194,,\n').is, 'sick')
})

test('who is connected and would be refused is disconnected', t => {
  const desired = {server: 'road', clients: ['alice', 'bob'], revoked: ['aa']}
  const parsed = admittedKind.probe(desired).parse({
    code: 0,
    stdout: '10.80.0.10 aa alice 192.0.2.1:5\n10.80.0.11 bb bob 192.0.2.1:6\n10.80.0.12 cc carol 192.0.2.1:7\n',
    stderr: '',
  })
  const changes = admittedKind.diff(desired, parsed as never)
  t.deepEqual(changes, [
    {path: '10.80.0.10', from: 'alice, revoked', to: 'disconnected'},
    {path: '10.80.0.12', from: 'carol, not listed', to: 'disconnected'},
  ])
  const [step] = admittedKind.steps(desired, changes as never, parsed as never)
  t.regex(JSON.stringify(step), /openvpn-end road 10\.80\.0\.10 10\.80\.0\.12/)
})

test('a new certificate is taken when nobody is connected, or when the former one is about to end', t => {
  const desired = {side: 'server', name: 'road', certificateId: 'bb 2000000', restartDays: 14} as const
  const changes = (loaded: string, now: number, sessions: number) =>
    certificateInUseKind.diff(
      desired,
      certificateInUseKind
        .probe(desired)
        .parse({code: 0, stdout: `${loaded}\n${now}\n${sessions}\n`, stderr: ''}) as never,
    ).length
  const day = 86_400
  t.is(changes('none', 0, 0), 0, 'not running')
  t.is(changes('bb 2000000', 0, 0), 0, 'the new one')
  t.is(changes(`aa ${20 * day}`, 0, 3), 0, 'in use, for some time')
  t.is(changes(`aa ${20 * day}`, 0, 0), 1, 'nobody is connected')
  t.is(changes(`aa ${13 * day}`, 0, 3), 1, 'about to end')
  const client = {...desired, side: 'client'} as const
  const state = certificateInUseKind.probe(client).parse({code: 0, stdout: `aa ${20 * day}\n0\n0\n`, stderr: ''})
  t.deepEqual(certificateInUseKind.diff(client, state as never), [], 'a client is always connected')
})

test('a server runs where its VRRP instance is master', t => {
  const desired = {unit: 'openvpn-server@road', name: 'gateway'}
  const changes = (stdout: string) =>
    followedKind.diff(desired, followedKind.probe(desired).parse({code: 0, stdout, stderr: ''}) as never)
  t.deepEqual(changes('master\nactive\n'), [])
  t.deepEqual(changes('other\ninactive\n'), [])
  t.deepEqual(changes('other\nactive\n'), [{path: 'running', from: true, to: false}])
  t.deepEqual(changes('master\nfailed\n'), [{path: 'running', from: false, to: true}])
})

test('an instance that the variables name no more goes, one of others stays', t => {
  const desired = {side: 'server', names: ['road']} as const
  const current = onlyInstancesKind.probe(desired).parse({code: 0, stdout: 'old\nroad\n', stderr: ''})
  const changes = onlyInstancesKind.diff(desired, current as never)
  t.deepEqual(changes, [{path: 'old', from: 'present', to: 'absent'}])
  const [step] = onlyInstancesKind.steps(desired, changes as never, current as never)
  t.regex(JSON.stringify(step), /disable --now -- openvpn-server@old .*rm -rf -- .*old\.conf/)
})

test('what is right here may be wrong by the clock of the host', t => {
  const at = (seconds: number) => ({
    vars,
    host,
    facts: {
      cpu: {aes: true, model: 'Xeon'},
      credentialsOnHost: credentialsOnHost.parse({code: 0, stdout: `${seconds}\n`, stderr: ''}),
    },
    peers: [],
    offers: [],
  })
  const monday = Date.parse('2026-11-23T08:00:00Z') / 1000
  t.deepEqual(liveProblems(at(monday)), [])
  t.deepEqual(
    [...new Set(liveProblems(at(0)).map(({rule, variable}) => `${rule} ${variable}`))],
    ['openvpn-clock cert', 'openvpn-clock crl', 'openvpn-clock clients'],
  )
})

test('until when the files of a host last', t => {
  const text = `${Date.parse('2026-11-23T08:00:00Z') / 1000}\nfile /etc/openvpn/server/road/cert.crt\n${pki.server.cert}\nfile /etc/openvpn/server/road/crl.pem\n${pki.server.crl}\n`
  const found = credentialsOnHost.parse({code: 0, stdout: text, stderr: ''})
  t.deepEqual(
    found.files.map(({path, daysLeft}) => [path, daysLeft]),
    [
      ['/etc/openvpn/server/road/cert.crt', 397],
      ['/etc/openvpn/server/road/crl.pem', 180],
    ],
  )
  t.throws(() => credentialsOnHost.parse({code: 1, stdout: '', stderr: 'no'}), {message: 'no'})
})

test('a link whose device the host does not have is refused', t => {
  t.throws(() => clientsOf(vars, {cpu: {aes: true}, links: {lo: {}}}, host), {
    message: /wan-b, which this host does not have/,
  })
})

test('answers of the management interface', t => {
  const text = [
    'HEADER\tCLIENT_LIST\tCommon Name',
    'CLIENT_LIST\talice\t192.0.2.1:59301\t10.80.0.10\tfd00:80::10\t160809\t160583\t2026-11-30 18:02:57\t1796061777\tUNDEF\t0\t0\tAES-256-GCM',
    'ROUTING_TABLE\t10.80.0.10\talice\t192.0.2.1:59301\t2026-11-30 18:03:11\t1796061791',
  ].join('\n')
  t.deepEqual(sessionsIn(text), [
    {
      name: 'alice',
      source: '192.0.2.1:59301',
      address: '10.80.0.10',
      received: 160809,
      sent: 160583,
      since: 1796061777,
    },
  ])
  const states =
    '1796061777,CONNECTED,SUCCESS,10.81.0.2,203.0.113.10,1194,,\nOpenVPN STATISTICS\nTUN/TAP read bytes,5\nTCP/UDP read bytes,10\nTCP/UDP write bytes,20\n'
  t.deepEqual(connectionIn(states), {
    state: 'CONNECTED',
    since: 1796061777,
    address: '10.81.0.2',
    remote: '203.0.113.10:1194',
    received: 10,
    sent: 20,
  })
  t.is(connectionIn('').state, undefined)
})

test('an order of ciphers that is the slow one for the processor is told, and stops nothing', t => {
  const told = (ciphers: string[] | undefined, aes: boolean) =>
    cipherProblems({...vars, ciphers} as OpenvpnVars, host, {aes, model: 'Atom'})
  t.deepEqual(told(undefined, false), [])
  t.deepEqual(told(['AES-256-GCM', 'CHACHA20-POLY1305'], true), [])
  t.deepEqual(told(['CHACHA20-POLY1305', 'AES-256-GCM'], false), [])
  for (const [ciphers, aes, what] of [
    [
      ['AES-256-GCM', 'CHACHA20-POLY1305'],
      false,
      /^Atom of gw1 does not encrypt AES by itself, and AES-256-GCM comes first$/,
    ],
    [['CHACHA20-POLY1305'], true, /^Atom of gw1 encrypts AES by itself, and CHACHA20-POLY1305 comes first$/],
  ] as const) {
    const [only, ...more] = told([...ciphers], aes)
    t.deepEqual(more, [])
    t.like(only, {rule: 'openvpn-ciphers', variable: 'ciphers', isAdvice: true})
    t.regex(only?.what ?? '', what)
  }
})
