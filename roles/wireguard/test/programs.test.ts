// The shell programs with a wg(8) of the test's: what they make of what it says, and what they tell it to do.
import {spawnSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import '../../../src/resolve.ts'

const {differencesAwk} = await import('../programs/differences.ts')
const {libSh} = await import('../programs/lib.ts')

const conf = `[Interface]
PrivateKey = PRESENT
ListenPort = 51820
Address = 10.99.0.2/24
MTU = 1420
Table = off
PostUp = /bin/true

[Peer]
PublicKey = ROAD
AllowedIPs = 10.97.0.2/32
PersistentKeepalive = 5

[Peer]
PublicKey = SITE
Endpoint = 192.0.2.1:51820
`

/** Runs `script` beside the library; `shows` is what \`wg show DEVICE WHAT\` prints. Gives back what wg was told. */
const run = (
  t: ExecutionContext,
  script: string,
  {
    settings,
    files = {},
    shows = {},
  }: {settings: string; files?: Record<string, string>; shows?: Record<string, string>},
): {said: string; told: string[]; read: string} => {
  const directory = mkdtempSync(join(tmpdir(), 'wireguard-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const of = (name: string): string => join(directory, name)
  for (const each of ['bin', 'etc', 'run', 'kept', 'wireguard']) mkdirSync(of(each))
  for (const [what, text] of Object.entries(shows)) writeFileSync(of(`show.${what}`), text)
  writeFileSync(
    of('bin/wg'),
    `#!/bin/sh\ncase $1 in show) cat ${of('show.')}$3 2>/dev/null ;; syncconf) cat >${of('read')}; echo "$*" >>${of('told')} ;; *) echo "$*" >>${of('told')} ;; esac\n`,
  )
  chmodSync(of('bin/wg'), 0o755)
  const all = {'etc/wg0': settings, 'wireguard/wg0.conf': conf, ...files}
  for (const [name, text] of Object.entries(all)) writeFileSync(of(name), text)
  const library = libSh
    .replace(/^etc=.*/m, `etc=${of('etc')} run=${of('run')} kept=${of('kept')}`)
    .replaceAll('/etc/wireguard/', `${of('wireguard')}/`)
  const {stdout, stderr, status} = spawnSync('sh', ['-c', `set -u\n${library}\n${script}`], {
    encoding: 'utf8',
    env: {...process.env, PATH: `${of('bin')}:${process.env['PATH']}`},
  })
  if (status !== 0 || stderr !== '') throw new Error(`sh ended with ${status}: ${stderr}`)
  const text = (name: string): string => (existsSync(of(name)) ? readFileSync(of(name), 'utf8') : '')
  return {said: stdout, told: text('told').trim().split('\n').filter(Boolean), read: text('read')}
}

const peers = 'set public_key P\npeer ROAD road 5 - 10.97.0.2/32\npeer SITE site 0 192.0.2.1:51820 -\n'

test('wg(8) gets the file without what is for wg-quick(8), and with the key in use', t => {
  const {said} = run(t, 'stripped wg0', {settings: peers})
  t.false(/Address|MTU|Table|PostUp/.test(said))
  t.true(said.startsWith('[Interface]\nPrivateKey = PRESENT\nListenPort = 51820\n'))
  const rotated = {'wireguard/wg0.next': 'NEXT\n', 'kept/wg0.rotated': 'N\n'}
  const next = `${peers}set next_public_key N\n`
  t.true(run(t, 'stripped wg0', {settings: next, files: rotated}).said.includes('PrivateKey = NEXT\n'))
  t.true(run(t, 'stripped wg0', {settings: next, files: {'wireguard/wg0.next': 'NEXT\n'}}).said.includes('= PRESENT\n'))
  t.true(run(t, 'stripped wg0', {settings: peers, files: rotated}).said.includes('= PRESENT\n'), 'a mark of the past')
  t.is(run(t, 'expected_key wg0', {settings: next, files: rotated}).said, 'N\n')
})

test('endpoints come from the gateway that saw a peer last, and only what can be one, of a peer that is known', t => {
  const files = {
    'run/endpoints': 'wg0 ROAD 192.0.2.7:1000 100\nwg0 SITE 192.0.2.8:1000 300\n',
    'run/peer-endpoints': [
      'wg0 ROAD [2001:db8::7]:2000 200',
      'wg0 SITE 192.0.2.9:1000 200',
      'wg0 STRANGER 192.0.2.66:1 900',
      'wg1 ROAD 192.0.2.66:1 900',
      'wg0 ROAD $(touch${IFS}x):1 900',
      'wg0 ROAD 192.0.2.66:1 900;id',
      'wg0 ROAD 192.0.2.66:1 900 peer',
      '',
    ].join('\n'),
  }
  const {said} = run(t, 'seen_endpoints wg0 | sort', {settings: peers, files})
  t.is(said, 'ROAD [2001:db8::7]:2000\nSITE 192.0.2.8:1000\n')
  const {told, read} = run(t, 'restore_endpoints wg0', {settings: peers, files})
  t.deepEqual(
    told.map(line => line.split(' ').slice(0, 3).join(' ')),
    ['set wg0 peer', 'syncconf wg0 /dev/stdin'],
  )
  t.true(read.includes('PublicKey = ROAD\nEndpoint = [2001:db8::7]:2000\n'))
  t.is(read.match(/^Endpoint/gm)?.length, 2)
  t.true(read.includes('Endpoint = 192.0.2.8:1000\n') && read.includes('PrivateKey = PRESENT\n'))
  t.deepEqual(run(t, 'restore_endpoints wg0', {settings: peers}).told, [], 'nothing is known: nothing is touched')
})

test('peers with an endpoint are greeted, those without a keepalive once', t => {
  const {told} = run(t, 'greet_peers wg0', {
    settings: peers,
    shows: {endpoints: 'ROAD\t192.0.2.7:1000\nSITE\t192.0.2.1:51820\nOTHER\t(none)\n'},
  })
  t.deepEqual(told, [
    'set wg0 peer ROAD persistent-keepalive 0 peer SITE persistent-keepalive 0',
    'set wg0 peer ROAD persistent-keepalive 5 peer SITE persistent-keepalive 1',
    'set wg0 peer SITE persistent-keepalive 0',
  ])
})

test('prefixes belong to the key that shook hands last, of two that a peer has', t => {
  const settings = `${peers}next NEW ROAD\n`
  const adopted = (old: number, next: number, owner: 'ROAD' | 'NEW'): string[] =>
    run(t, 'adopt_keys wg0', {
      settings,
      shows: {
        'latest-handshakes': `ROAD\t${old}\nNEW\t${next}\nSITE\t900\n`,
        'allowed-ips': `ROAD\t${owner === 'ROAD' ? '10.97.0.2/32' : '(none)'}\nNEW\t${owner === 'NEW' ? '10.97.0.2/32' : '(none)'}\n`,
      },
    }).told
  t.deepEqual(adopted(100, 0, 'ROAD'), [])
  t.deepEqual(adopted(100, 101, 'ROAD'), ['set wg0 peer NEW allowed-ips 10.97.0.2/32'])
  t.deepEqual(adopted(100, 101, 'NEW'), [], 'it has them already')
  t.deepEqual(adopted(102, 101, 'NEW'), ['set wg0 peer ROAD allowed-ips 10.97.0.2/32'], 'and back')
  t.deepEqual(adopted(101, 101, 'ROAD'), ['set wg0 peer NEW allowed-ips 10.97.0.2/32'], 'within one second')
  t.deepEqual(adopted(101, 101, 'NEW'), [])
  t.deepEqual(run(t, 'adopt_keys wg0', {settings: peers}).told, [])
})

test('an endpoint is looked up where none is known, or where nobody was heard for 135 s', t => {
  const settings = 'peer NAMED a 5 vpn.example:1 -\npeer FIXED b 5 192.0.2.9:1 -\npeer ROAD c 5 - -\nnext NEW NAMED\n'
  const stale = (endpoints: string, handshakes: string): string[] =>
    run(t, 'stale_peers wg0 1000 | sort', {settings, shows: {endpoints, 'latest-handshakes': handshakes}})
      .said.split('\n')
      .filter(Boolean)
  t.deepEqual(stale('NAMED\t(none)\nFIXED\t192.0.2.9:1\nROAD\t(none)\n', 'NAMED\t0\nFIXED\t990\nROAD\t0\n'), [
    'NAMED vpn.example:1 (none)',
  ])
  t.deepEqual(stale('NAMED\t192.0.2.1:1\nFIXED\t192.0.2.66:7\n', 'NAMED\t865\nFIXED\t864\n'), [
    'FIXED 192.0.2.9:1 192.0.2.66:7',
  ])
  t.deepEqual(stale('NAMED\t192.0.2.1:1\nNEW\t(none)\n', 'NAMED\t999\nNEW\t0\n'), ['NEW vpn.example:1 (none)'])
  t.deepEqual(stale('', ''), [], 'a peer that the device does not have is not made one')
})

const differences = (t: ExecutionContext, now: string, wanted: string, {keep = '', next = ''} = {}): string[] => {
  const directory = mkdtempSync(join(tmpdir(), 'differences-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  writeFileSync(join(directory, 'awk'), differencesAwk)
  const {stdout, stderr, status} = spawnSync(
    'awk',
    ['-v', `keep=${keep}`, '-v', `next_keys=${next}`, '-f', join(directory, 'awk')],
    {encoding: 'utf8', input: `${now}@wanted\n${wanted}`},
  )
  if (status !== 0 || stderr !== '') throw new Error(`awk ended with ${status}: ${stderr}`)
  return stdout.split('\n').filter(Boolean)
}

test('a reload sets what differs, and nothing else', t => {
  const device = '[Interface]\nListenPort = 51820\nFwMark = 0x10000\nPrivateKey = K\n\n'
  const peer = (key: string, rest: string): string => `[Peer]\nPublicKey = ${key}\n${rest}\n`
  // As wg showconf writes them, and as the file has them.
  const now =
    device +
    peer(
      'A',
      'PresharedKey = S\nAllowedIPs = 10.2.0.0/16, 10.1.0.0/16\nEndpoint = 192.0.2.1:1\nPersistentKeepalive = 5\n',
    )
  const same = peer(
    'A',
    'PresharedKey = S\nAllowedIPs = 10.1.0.0/16, 10.2.0.0/16\nEndpoint = 192.0.2.1:1\nPersistentKeepalive = 5\n',
  )
  t.deepEqual(differences(t, now, device + same), [])
  t.deepEqual(differences(t, now, device), ['remove A'])
  t.deepEqual(
    differences(t, device, device + same),
    same.trim().replace('10.1.0.0/16, 10.2.0.0/16', '10.1.0.0/16, 10.2.0.0/16').split('\n'),
  )
  t.deepEqual(differences(t, now, device + same + peer('B', 'AllowedIPs = 10.3.0.0/16\n')), [
    '[Peer]',
    'PublicKey = B',
    'AllowedIPs = 10.3.0.0/16',
  ])
  t.deepEqual(
    differences(
      t,
      now,
      `${device.replace('51820', '4500').replace('= K', '= L').replace('FwMark = 0x10000\n', '')}${same}`,
    ),
    ['key', 'port 4500', 'mark off'],
  )
  for (const [from, to] of [
    ['= S', '= T'],
    ['10.1.0.0', '10.9.0.0'],
    ['Keepalive = 5', 'Keepalive = 7'],
    ['192.0.2.1:1', '192.0.2.9:1'],
  ] as const)
    t.is(differences(t, now, device + same.replace(from, to))[1], 'PublicKey = A', to)
  t.deepEqual(
    differences(t, now, device + same.replace('192.0.2.1:1', '192.0.2.9:1'), {keep: 'A'}),
    [],
    'it has roamed',
  )
})

test('a reload leaves the prefixes with the key that has them', t => {
  const device = '[Interface]\nPrivateKey = K\n\n'
  const peer = (key: string, allowed: string): string =>
    `[Peer]\nPublicKey = ${key}\n${allowed && `AllowedIPs = ${allowed}\n`}\n`
  const wanted = device + peer('OLD', '10.1.0.0/16') + peer('NEW', '')
  const adopted = device + peer('OLD', '') + peer('NEW', '10.1.0.0/16')
  t.deepEqual(differences(t, adopted, wanted, {next: 'NEW OLD'}), [])
  t.deepEqual(differences(t, wanted, wanted, {next: 'NEW OLD'}), [])
  t.deepEqual(differences(t, adopted, device + peer('NEW', '10.1.0.0/16')), ['remove OLD'])
})
