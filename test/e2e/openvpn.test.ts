// A pair of gateways as OpenVPN server behind the virtual address, and real clients beyond the provider: who gets in and who does
// not, what a renewal, a revocation, a crash and a take-over cost those who are connected.

import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import '../../src/resolve.ts'
import {cut, heal, kill, labExec, type Topology, up} from '../../lab/index.ts'
import {readCertificate} from '../../src/index.ts'
import {renew} from '../../src/pki/issue.ts'
import {refreshList, revoke} from '../../src/pki/revocations.ts'
import {eventsOf, root} from '../support/gatewright.ts'
import {
  credentials,
  gatewrightWith,
  newPki,
  type Pki,
  startOpenvpn,
  stopOpenvpn,
  variablesFor,
} from '../support/openvpn.ts'
import {type Outage, startProbe} from '../support/probe.ts'
import {fresh, labUp, onHost} from '../support/site.ts'
import {sayOutage} from '../support/traffic.ts'
import {until} from '../support/until.ts'

const {validateConf} = await import('../../roles/openvpn/validate.ts')

const playbook = join(root, 'test/fixtures/openvpn/playbooks/site.yml')
const certificates = join(root, 'playbooks/certificates.yml')
const unit = 'openvpn-server@road'
/** From a road warrior into the LAN, through the tunnel. */
const inward = {from: 'upstream', to: 'client', address: '10.10.0.100'} as const

let lab: Topology
let pki: Pki
let foreign: Pki
let gatewright: ReturnType<typeof gatewrightWith>
let write: ReturnType<typeof variablesFor>['write']

const listed = ['alice', 'bob', 'carol', 'vpn.example.net']
const settings = (changed: object = {}) => ({
  gateways: {
    openvpn_ca: pki.lookup('ca.crt'),
    openvpn_crl: pki.lookup('crl.pem'),
    openvpn_cert: pki.lookup('issued/vpn.example.net.crt'),
    openvpn_key: pki.lookup('private/vpn.example.net.key'),
    openvpn_tls_crypt_v2: pki.lookup('private/tls-crypt-v2.key'),
    openvpn_servers: [
      {
        name: 'road',
        device: 'tun0',
        address: '192.0.2.10',
        link: 'wan-a',
        follow: 'gateway',
        pool: '10.80.0.0/24',
        pool6: 'fd00:80::/64',
        push_routes: ['10.10.0.0/24'],
        clients: listed.map((name, index) => ({
          name,
          address: `10.80.0.${10 + index}`,
          address6: `fd00:80::${10 + index}`,
        })),
        ...changed,
      },
    ],
  },
})

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'gw2', 'upstream', 'client')
  const kept: (() => unknown)[] = []
  const teardown = {teardown: (undo: () => unknown) => void kept.push(undo)}
  undo = async () => {
    for (const each of kept) await each()
  }
  pki = await newPki(teardown)
  foreign = await newPki(teardown)
  await pki.issue('vpn.example.net', 'server')
  for (const name of ['alice', 'bob', 'dave']) await pki.issue(name, 'client')
  // It has ended three days ago.
  await pki.issue('carol', 'client', {ageDays: 400})
  await foreign.issue('alice', 'client')
  const variables = variablesFor(teardown)
  write = groups => variables.write(groups)
  write(settings())
  gatewright = gatewrightWith(pki, variables.directory)
})
let undo = async (): Promise<void> => {}
test.after.always(async () => {
  await heal(lab, 'gw1', 'lan')
  await fresh(lab, 'gw1', 'gw2', 'upstream')
  await undo()
})

/** A run of the playbook that has to succeed. */
const play = async (of = playbook) => {
  const run = await gatewright('play', of)
  if (run.code === 0) return run
  const failed = eventsOf(run.events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)
  throw new Error(`the play ended with ${run.code}: ${failed.join('; ')} ${run.stderr}`)
}
const changesOf = ({events}: Awaited<ReturnType<typeof play>>): number =>
  eventsOf(events, 'summary')[0]?.hosts.reduce((sum, {counts}) => sum + counts.changed, 0) ?? Number.NaN
const masterOf = async (): Promise<'gw1' | 'gw2'> => {
  for (const host of ['gw1', 'gw2'] as const)
    if ((await onHost(lab, host, 'cat /run/gatewright/vrrp/state; :')).includes('MASTER')) return host
  throw new Error('no gateway is master')
}
const cursorOn = async (host: string): Promise<string> =>
  (await onHost(lab, host, "journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'")).trim()
const saidOn = (host: string, cursor: string, of = unit): Promise<string> =>
  onHost(lab, host, `journalctl -u '${of}' -o cat --after-cursor='${cursor}'`)

/** A road warrior: `name` is also its device's. They share a routing table, and so alice alone has a route into the LAN. */
const connect = async (
  name: string,
  have: Parameters<typeof credentials>[1] = {certificate: name, tlsCrypt: `${name}+tls-crypt-v2`},
  more = '',
): Promise<void> =>
  startOpenvpn(
    lab,
    'upstream',
    name,
    `client
dev vpn-${name}
dev-type tun
nobind
persist-tun
remote 192.0.2.10 1194 udp4
remote-cert-tls server
verify-x509-name vpn.example.net name
explicit-exit-notify 1
${name === 'alice' ? '' : 'route-nopull\n'}${more}
${credentials(pki, have)}`,
  )
const said = (name: string): Promise<string> => onHost(lab, 'upstream', `journalctl -u road-${name} -o cat`)
const isConnected = async (name: string): Promise<boolean> =>
  (await onHost(lab, 'upstream', `ip -brief address show vpn-${name} 2>/dev/null; :`)).includes('10.80.0.')
const hears = async (): Promise<boolean> =>
  (await onHost(lab, 'upstream', 'ping -q -n -c 1 -W 1 10.10.0.100 >/dev/null && echo yes; :')).includes('yes')

/** Alice reaches the LAN. Longer than OpenVPN's own tries take. */
const passes = (): Promise<boolean> => until(hears, {withinMs: 60_000})

/** What a road warrior's datagrams to the LAN, one each 5 ms, see of an event. */
const during = async (event: () => Promise<unknown>, settleMs = 1500): Promise<Outage> => {
  const probe = await startProbe(lab, inward)
  try {
    await sleep(settleMs)
    await event()
    await sleep(settleMs)
  } catch (error) {
    await probe.stop()
    throw error
  }
  return probe.stop()
}

test.serial('the playbook makes both gateways ready in one run, and a second run changes nothing', async t => {
  await play()
  const second = await play()
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({status, counts}) => [status, counts.changed]),
    [
      ['ok', 0],
      ['ok', 0],
    ],
  )
  const master = await masterOf()
  const active = await Promise.all(['gw1', 'gw2'].map(host => onHost(lab, host, `systemctl is-active ${unit}; :`)))
  t.deepEqual(
    active.map(each => each.trim()),
    master === 'gw1' ? ['active', 'inactive'] : ['inactive', 'active'],
  )
  for (const host of ['gw1', 'gw2'])
    t.is(await onHost(lab, host, `systemd-analyze verify --man=no ${unit}.service gatewright-openvpn.service 2>&1`), '')
})

test.serial(
  'OpenVPN accepts what is rendered, and the check before it is in place refuses what it would ignore',
  async t => {
    const conf = await onHost(lab, 'gw1', 'cat /etc/openvpn/server/road.conf')
    const judge = async (text: string): Promise<number> =>
      (await labExec(lab, 'gw1', `cat >/run/judged.conf; ${validateConf('/run/judged.conf').text}`, {input: text})).code
    t.is(await judge(conf), 0)
    for (const [from, to] of [
      ['keepalive 3 7', 'keepalife 3 7'],
      ['keepalive 3 7', 'keepalive 9 3'],
      ['AES-256-GCM', 'AES-256-GCX'],
      ['verb 3', 'verb 3\n<connection>\nremote 192.0.2.1\n</connection>\nconnect-retry 5'],
    ] as const) {
      t.true(conf.includes(from))
      t.not(await judge(conf.replace(from, to)), 0, to)
    }
  },
)

test.serial('a client with an issued certificate gets into the LAN, and the journal says who it is', async t => {
  const master = await masterOf()
  const mark = await cursorOn(master)
  await connect('alice')
  t.true(await passes(), await said('alice'))
  t.regex(await said('alice'), /Data Channel: cipher 'AES-256-GCM'|Data Channel: cipher 'CHACHA20-POLY1305'/)
  t.regex(await onHost(lab, 'upstream', 'ping -c 1 -W 2 fd00:80::1'), / 0% packet loss/)
  const serial = serialOf('alice')
  t.regex(
    await saidOn(master, mark),
    new RegExp(
      `^session event=connect server=road cn=alice serial=${serial} source=192\\.0\\.2\\.1:\\d+ address=10\\.80\\.0\\.10 address6=fd00:80::10$`,
      'm',
    ),
  )
  const status = await gatewright('task', 'gateways', 'openvpn.status', '--become')
  t.is(status.code, 0, status.stderr)
  t.regex(JSON.stringify(status.events), /cert\.crt lasts until \d{4}-\d\d-\d\d, 39\d days/)
  t.regex(JSON.stringify(status.events), /alice 10\.80\.0\.10 from 192\.0\.2\.1:\d+ since/)
})

const serialOf = (name: string): string => readCertificate(pki.read(`issued/${name}.crt`))?.serial ?? 'none'

const refused: readonly [title: string, name: string, log: RegExp, connect: () => Promise<void>][] = [
  ['an expired certificate', 'carol', /VERIFY ERROR: .*certificate has expired.*CN=carol/, () => connect('carol')],
  [
    'a certificate of another authority',
    'mallory',
    /VERIFY ERROR: .*(unable to get local issuer certificate|certificate signature failure|self-signed|unable to get issuer)/,
    () => connect('mallory', {certificate: 'alice', tlsCrypt: 'bob+tls-crypt-v2', from: foreign}),
  ],
  [
    'no certificate',
    'nobody',
    /peer did not return a certificate/,
    () => connect('nobody', {certificate: undefined, tlsCrypt: 'bob+tls-crypt-v2'}, 'auth-user-pass /run/password'),
  ],
  [
    'a valid certificate that the server does not list',
    'dave',
    /client-config-dir authentication failed for common name 'dave'/,
    () => connect('dave'),
  ],
  [
    "a server's certificate",
    'server',
    /VERIFY ERROR: .*unsuitable certificate purpose: CN=vpn\.example\.net/,
    () => connect('server', {certificate: 'vpn.example.net', tlsCrypt: 'bob+tls-crypt-v2'}),
  ],
  [
    'no key of tls-crypt-v2',
    'plain',
    /could not determine wrapping|tls-crypt unwrap error|cannot locate HMAC/,
    () => connect('plain', {certificate: 'bob', tlsCrypt: undefined}),
  ],
]
for (const [title, name, log, attempt] of refused)
  test.serial(`refused, and the log says so: ${title}`, async t => {
    const master = await masterOf()
    const mark = await cursorOn(master)
    await onHost(lab, 'upstream', "printf 'x\\ny\\n' >/run/password")
    await attempt()
    let text = ''
    t.true(await until(async () => log.test((text = await saidOn(master, mark)))), `${text}\n--- ${await said(name)}`)
    t.false(await isConnected(name))
    t.notRegex(text, /event=connect/)
    await stopOpenvpn(lab, 'upstream', name)
  })

test.serial('a revoked client is disconnected by the play and refused; the other one notices nothing', async t => {
  t.timeout(120_000)
  const master = await masterOf()
  t.teardown(() => stopOpenvpn(lab, 'upstream', 'bob'))
  await connect('bob')
  t.true(await until(() => isConnected('bob'), {withinMs: 60_000}), await said('bob'))
  const mark = await cursorOn(master)
  await revoke(pki.desk, ['bob'], 'keyCompromise')
  const outage = await during(async () => {
    const run = await play()
    t.true(
      eventsOf(run.events, 'item-end', master).some(
        ({item}) => item.id === 'admitted road' && item.verdict === 'changed',
      ),
    )
  })
  t.log(`alice during the play: ${sayOutage(outage)}`)
  t.is(outage.lost, 0)
  t.true(await until(async () => /VERIFY ERROR: .*certificate revoked.*CN=bob/.test(await saidOn(master, mark))))
  const text = await saidOn(master, mark)
  t.regex(
    text,
    /^session event=disconnect server=road cn=bob serial=[0-9a-f]{32} source=192\.0\.2\.1:\d+ address=10\.80\.0\.11 address6=fd00:80::11 bytes_received=\d+ bytes_sent=\d+ duration=\d+$/m,
  )
  t.notRegex(text, /event=connect .*cn=bob/)
  await stopOpenvpn(lab, 'upstream', 'bob')
  t.is(changesOf(await play()), 0)
})

test.serial('a new list and renewed certificates disturb nobody, and count for those who come', async t => {
  t.timeout(180_000)
  const master = await masterOf()
  const invocation = () => onHost(lab, master, `systemctl show -p InvocationID --value ${unit}`)
  const loaded = () => onHost(lab, master, 'cat /run/gatewright/openvpn/loaded/server-road')
  const before = [await invocation(), await loaded()]
  await refreshList(pki.desk, true)
  await renew(pki.desk, {names: ['vpn.example.net', 'alice']})
  const outage = await during(async () => {
    await play(certificates)
  })
  t.log(`a renewal of list and certificates: ${sayOutage(outage)}`)
  t.is(outage.lost, 0)
  t.deepEqual([await invocation(), await loaded()], before, 'the process goes on')
  t.is(changesOf(await play()), 0)
  const mark = await cursorOn(master)
  await connect('alice')
  t.true(await passes())
  t.regex(await saidOn(master, mark), new RegExp(`event=connect .*cn=alice serial=${serialOf('alice')} `))
  // Nobody is connected: the next run starts the server with its new certificate.
  await stopOpenvpn(lab, 'upstream', 'alice')
  t.true(await until(async () => (await onHost(lab, master, 'ls /run/gatewright/openvpn/sessions/road')) === ''))
  await play()
  t.regex(await loaded(), new RegExp(`^${serialOf('vpn.example.net')} `))
  await connect('alice')
  t.true(await passes(), await said('alice'))
})

test.serial('a new certificate that has to be taken under clients costs them a reconnection', async t => {
  t.timeout(120_000)
  const master = await masterOf()
  const outage = await during(async () => {
    await onHost(lab, master, `systemctl restart ${unit}`)
    t.true(await passes())
  })
  t.log(`the server is restarted: ${sayOutage(outage)}`)
  t.true(outage.gapMs < 10_000)
})

test.serial('a client that is listed no more is disconnected, and openvpn.disconnect ends one session', async t => {
  t.timeout(120_000)
  const master = await masterOf()
  const mark = await cursorOn(master)
  const would = await gatewright('task', 'gateways', 'openvpn.disconnect', '--become', '--check', '-e', 'client=alice')
  t.is(would.code, 2)
  t.true(await passes())
  const done = await gatewright('task', 'gateways', 'openvpn.disconnect', '--become', '-e', 'client=alice')
  t.is(done.code, 0, done.stderr)
  t.true(await until(async () => /event=disconnect .*cn=alice/.test(await saidOn(master, mark))))
  t.true(await passes(), 'it may come back')
  write(settings({clients: [{name: 'vpn.example.net', address: '10.80.0.13'}]}))
  await play()
  t.true(await until(async () => !(await hears())))
  t.regex(await saidOn(master, mark), /authentication failed for common name 'alice'/)
  write(settings())
  await play()
  // OpenVPN's client ends when its server tells it that it is not admitted.
  await connect('alice')
  t.true(await passes(), await said('alice'))
})

test.serial('a server that is killed, a device that is deleted and a route that is deleted come back', async t => {
  t.timeout(180_000)
  const master = await masterOf()
  const mark = await cursorOn(master)
  const killed = await during(async () => {
    await onHost(lab, master, `systemctl kill --signal=KILL ${unit}`)
    await sleep(1500)
    t.true(await passes())
  })
  t.log(`openvpn is killed: ${sayOutage(killed)}`)
  t.true(killed.gapMs < 10_000)
  t.regex(
    await saidOn(master, mark),
    /^session event=lost server=road cn=alice serial=[0-9a-f]{32} source=192\.0\.2\.1:\d+ address=10\.80\.0\.10$/m,
  )
  const route = await during(async () => {
    await onHost(lab, master, 'ip route delete 10.80.0.0/24 dev tun0')
    t.true(await passes())
  })
  t.log(`the route of the pool is deleted: ${sayOutage(route)}`)
  t.true(route.gapMs < 10_000)
  const device = await during(async () => {
    await onHost(lab, master, 'ip link delete tun0')
    await sleep(1000)
    t.true(await passes())
  })
  t.log(`the device is deleted: ${sayOutage(device)}`)
  t.true(device.gapMs < 15_000)
})

test.serial('an instance that the variables name no more is stopped and its files go', async t => {
  t.timeout(180_000)
  const [road] = settings().gateways.openvpn_servers
  const spare = {...road, name: 'spare', device: 'tun7', port: 1195, follow: '', pool: '10.81.0.0/24', clients: []}
  const {pool6, ...other} = spare
  t.is(pool6, 'fd00:80::/64')
  write({gateways: {...settings().gateways, openvpn_servers: [road, other]}})
  await play()
  for (const host of ['gw1', 'gw2'])
    t.is((await onHost(lab, host, 'systemctl is-active openvpn-server@spare')).trim(), 'active')
  write(settings())
  await play()
  for (const host of ['gw1', 'gw2']) {
    t.is((await onHost(lab, host, 'systemctl is-active openvpn-server@spare; :')).trim(), 'inactive')
    t.is(
      await onHost(
        lab,
        host,
        'ls -d /etc/openvpn/server/spare* /etc/systemd/system/*/openvpn-server@spare* 2>/dev/null; :',
      ),
      '',
    )
  }
  t.true(await passes(), 'the other one goes on')
})

test.serial('a gateway that is master again while its server still says goodbye has one afterwards', async t => {
  t.timeout(120_000)
  const master = await masterOf()
  const hook = (state: string): string => `/etc/gatewright/vrrp.d/40-openvpn ${state} gateway`
  for (const pause of [0, 0.5, 1.5, 2.1]) {
    await onHost(lab, master, `${hook('backup')}; sleep ${pause}; ${hook('master')}`)
    await sleep(3000)
    t.true(
      await until(async () => (await onHost(lab, master, `systemctl is-active ${unit}; :`)).trim() === 'active'),
      `after ${pause} s`,
    )
    t.is(await onHost(lab, master, 'ip -o address show dev lo to 192.0.2.10'), '')
  }
  t.true(await passes())
})

for (const [title, fault, mend] of [
  [
    'a planned switch',
    (host: string) => onHost(lab, host, 'echo 1 >/etc/keepalived/maintenance'),
    (host: string) => onHost(lab, host, 'echo 0 >/etc/keepalived/maintenance'),
  ],
  ["the master's LAN cable", (host: string) => cut(lab, host, 'lan'), (host: string) => heal(lab, host, 'lan')],
  ["the master's power", (host: string) => kill(lab, host), () => up(lab)],
] as const)
  test.serial(`a take-over reconnects a client within 10 s: ${title}`, async t => {
    t.timeout(180_000)
    const master = await masterOf()
    const peer = master === 'gw1' ? 'gw2' : 'gw1'
    t.true(await passes())
    const outage = await during(async () => {
      await fault(master)
      await sleep(1000)
      t.true(await passes())
    })
    t.log(`${title}: ${sayOutage(outage)}`)
    t.true(outage.gapMs < 10_000)
    t.is((await onHost(lab, peer, `systemctl is-active ${unit}`)).trim(), 'active')
    await mend(master)
    t.true(await until(async () => (await onHost(lab, master, `systemctl is-active ${unit}; :`)).trim() === 'inactive'))
    t.is((await onHost(lab, master, 'ip -o address show dev lo to 192.0.2.10')).trim(), '')
    t.true(
      await until(async () => /BACKUP|FAULT/.test(await onHost(lab, master, 'cat /run/gatewright/vrrp/state; :')), {
        withinMs: 40_000,
      }),
    )
  })

test.serial('no key is in an argument, the journal or a file that others can read', async t => {
  const secrets = ['vpn.example.net', 'tls-crypt-v2'].map(name => pki.key(name).split('\n')[1] ?? '')
  t.true(secrets.every(secret => secret.length > 40))
  const words = secrets.map(secret => `-e '${secret.slice(0, 32)}'`).join(' ')
  for (const host of ['gw1', 'gw2']) {
    t.is(
      (await onHost(lab, host, `grep -lF ${words} -r /etc/openvpn | sort`)).trim(),
      '/etc/openvpn/server/road/key.pem\n/etc/openvpn/server/road/tls-crypt-v2.pem',
    )
    t.is(
      await onHost(
        lab,
        host,
        `find / -xdev -type f -perm /044 -newer /etc/machine-id -exec grep -lF ${words} {} + 2>/dev/null; :`,
      ),
      '',
    )
    t.is(await onHost(lab, host, `find /run -type f -perm /044 -exec grep -lF ${words} {} + 2>/dev/null; :`), '')
    t.is(await onHost(lab, host, `journalctl -o cat | grep -cF ${words} ; :`), '0\n')
    // So written, the pattern does not find itself.
    const pattern = secrets.map(secret => `[${secret[0]}]${secret.slice(1, 24).replaceAll('+', '.')}`).join('|')
    t.is(
      await onHost(lab, host, `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -cE '${pattern}'; :`),
      '0\n',
    )
  }
})
