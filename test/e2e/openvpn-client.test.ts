// A gateway as OpenVPN client of a concentrator beyond the provider: what it believes, and how it comes back by itself.

import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {reboot, type Topology} from '../../lab/index.ts'
import {renew} from '../../src/pki/issue.ts'
import {eventsOf, root} from '../support/gatewright.ts'
import {startIn} from '../support/in-namespace.ts'
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

const playbook = join(root, 'test/fixtures/openvpn/playbooks/client.yml')
const unit = 'openvpn-client@hq'
/** Into the network behind the concentrator, through the tunnel. */
const flow = {from: 'gw1', to: 'upstream', address: '10.99.0.1'} as const

let lab: Topology
let pki: Pki
let gatewright: ReturnType<typeof gatewrightWith>
let undo = async (): Promise<void> => {}

const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)
const play = async () => {
  const run = await gatewright('play', playbook, '--limit', 'gw1')
  if (run.code === 0) return run
  const failed = eventsOf(run.events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)
  throw new Error(`the play ended with ${run.code}: ${failed.join('; ')} ${run.stderr}`)
}

/** The far end: a server by hand with a network behind it, whose certificate has this name. */
const startConcentrator = (name = 'hub.example.net', more = ''): Promise<void> =>
  startOpenvpn(
    lab,
    'upstream',
    'hub',
    `dev vpn-hub
dev-type tun
local 192.0.2.1
port 1194
proto udp4
topology subnet
server 10.90.0.0 255.255.255.0
push "route 10.98.0.0 255.255.255.0"
dh none
keepalive 3 7
remote-cert-tls client
explicit-exit-notify 1
${more}
${credentials(pki, {certificate: name, tlsCrypt: 'tls-crypt-v2'})}`,
  )

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'upstream')
  const kept: (() => unknown)[] = []
  const teardown = {teardown: (each: () => unknown) => void kept.push(each)}
  undo = async () => {
    for (const each of kept) await each()
  }
  pki = await newPki(teardown)
  for (const name of ['hub.example.net', 'other.example.net']) await pki.issue(name, 'server')
  for (const name of ['gw1', 'gw2']) await pki.issue(name, 'client')
  const variables = variablesFor(teardown)
  variables.write({
    gateways: {
      openvpn_ca: pki.lookup('ca.crt'),
      openvpn_crl: pki.lookup('crl.pem'),
      openvpn_cert: pki
        .lookup('issued/{{ inventory_hostname }}.crt')
        .replace("{{ inventory_hostname }}.crt'", "' ~ inventory_hostname ~ '.crt'"),
      openvpn_key: pki
        .lookup('private/{{ inventory_hostname }}.key')
        .replace("{{ inventory_hostname }}.key'", "' ~ inventory_hostname ~ '.key'"),
      openvpn_tls_crypt_v2: pki
        .lookup('private/{{ inventory_hostname }}.key')
        .replace("{{ inventory_hostname }}.key'", "' ~ inventory_hostname ~ '+tls-crypt-v2.key'"),
      openvpn_clients: [
        {
          name: 'hq',
          device: 'tun1',
          link: 'wan-a',
          // Nobody is at the first one.
          remotes: [{host: '192.0.2.77'}, {host: 'hub.example.net'}],
          server_name: 'hub.example.net',
          routes: ['10.99.0.0/24'],
        },
      ],
    },
  })
  gatewright = gatewrightWith(pki, variables.directory)
  await on('upstream', 'ip address add 10.99.0.1/32 dev lo')
  await on('gw1', 'echo "192.0.2.1 hub.example.net" >>/etc/hosts')
  await startConcentrator()
})
test.after.always(async () => {
  await fresh(lab, 'gw1', 'upstream')
  await undo()
})

const hears = async (): Promise<boolean> =>
  (await on('gw1', 'ping -q -n -c 1 -W 1 10.99.0.1 >/dev/null && echo yes; :')).includes('yes')
const passes = (): Promise<boolean> => until(hears, {withinMs: 60_000})
const said = (): Promise<string> => on('gw1', `journalctl -b -u ${unit} -o cat`)
const during = async (event: () => Promise<unknown>): Promise<Outage> => {
  const probe = await startProbe(lab, flow)
  try {
    await sleep(1000)
    await event()
    await sleep(1000)
  } catch (error) {
    await probe.stop()
    throw error
  }
  return probe.stop()
}

test.serial('it converges in one run, tries the second remote, and a second run changes nothing', async t => {
  await play()
  t.true(await passes(), await said())
  t.regex(await said(), /Server poll timeout/)
  const second = await play()
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({status, counts}) => [status, counts.changed]),
    [['ok', 0]],
  )
  t.is(await on('gw1', `systemd-analyze verify --man=no ${unit}.service 2>&1`), '')
  const status = await gatewright('task', 'gateways', 'openvpn.status', '--become')
  t.regex(JSON.stringify(status.events), /client hq: CONNECTED since .*, 10\.90\.0\.\d+, to 192\.0\.2\.1:1194/)
})

test.serial('its own routes are there and those that the server pushes are not; packets leave by its link', async t => {
  t.regex(await on('gw1', 'ip route show dev tun1'), /^10\.99\.0\.0\/24 via 10\.90\.0\.1/m)
  t.is(await on('gw1', 'ip route show 10.98.0.0/24'), '')
  t.regex(await on('gw1', `ss -uanp`), /%wan-a:\d+ .*openvpn/)
  t.regex(await on('gw1', 'ip link show tun1'), /mtu 1428/)
  t.regex(await on('gw1', `ps -o user= -C openvpn`), /^openvpn$/m)
})

test.serial('a server that is killed, a far end that falls silent, a route that is deleted: it comes back', async t => {
  t.timeout(240_000)
  const killed = await during(async () => {
    await on('gw1', `systemctl kill --signal=KILL ${unit}`)
    await sleep(500)
    t.true(await passes())
  })
  t.log(`its own process is killed: ${sayOutage(killed)}`)
  t.true(killed.gapMs < 20_000)
  const route = await during(async () => {
    await on('gw1', 'ip route delete 10.99.0.0/24 dev tun1')
    t.true(await passes())
  })
  t.log(`its route is deleted: ${sayOutage(route)}`)
  t.true(route.gapMs < 10_000)
  const silent = await during(async () => {
    await startConcentrator()
    await sleep(500)
    t.true(await passes())
  })
  t.log(`the concentrator is stopped and started: ${sayOutage(silent)}`)
  const device = await during(async () => {
    await on('gw1', 'ip link delete tun1')
    await sleep(1000)
    t.true(await passes())
  })
  t.log(`its device is deleted: ${sayOutage(device)}`)
})

test.serial('a renewed certificate disturbs nothing, and is used when it connects the next time', async t => {
  t.timeout(120_000)
  await renew(pki.desk, {names: ['gw1']})
  const invocation = () => on('gw1', `systemctl show -p InvocationID --value ${unit}`)
  const before = await invocation()
  const outage = await during(async () => {
    await play()
  })
  t.log(`a renewal: ${sayOutage(outage)}`)
  t.is(outage.lost, 0)
  t.is(await invocation(), before)
  const second = await play()
  t.is(eventsOf(second.events, 'summary')[0]?.hosts[0]?.counts.changed, 0)
})

test.serial('a server of another name is not believed, though the authority has issued its certificate', async t => {
  t.timeout(120_000)
  await startConcentrator('other.example.net')
  t.true(
    await until(async () => /VERIFY X509NAME ERROR: CN=other\.example\.net/.test(await said()), {withinMs: 60_000}),
    await said(),
  )
  t.false(await hears())
  await startConcentrator()
  t.true(await passes(), await said())
})

test.serial('names that cannot be resolved at boot are asked for until they can', async t => {
  t.timeout(240_000)
  await on('gw1', `sed -i /hub.example.net/d /etc/hosts; echo 'nameserver 192.0.2.1' >/etc/resolv.conf`)
  await reboot(lab, 'gw1')
  t.true(
    await until(async () => /RESOLVE: Cannot resolve host address: hub\.example\.net/.test(await said()), {
      withinMs: 90_000,
    }),
    await said(),
  )
  t.false(await hears())
  const dns = await startIn(lab, 'upstream', 'dns-server', ['192.0.2.1', '192.0.2.1'])
  try {
    t.true(await passes(), await said())
  } finally {
    await dns.stop()
  }
})

test.serial('its keys are closed to others, and stand in no argument and no journal', async t => {
  const secrets = ['gw1', 'gw1+tls-crypt-v2'].map(name => pki.key(name).split('\n')[1] ?? '')
  const words = secrets.map(secret => `-e '${secret.slice(0, 32)}'`).join(' ')
  t.is(
    (await on('gw1', `grep -lF ${words} -r /etc/openvpn | sort`)).trim(),
    '/etc/openvpn/client/hq/key.pem\n/etc/openvpn/client/hq/tls-crypt-v2.pem',
  )
  t.is(
    await on(
      'gw1',
      `find / -xdev -type f -perm /044 -newer /etc/machine-id -exec grep -lF ${words} {} + 2>/dev/null; :`,
    ),
    '',
  )
  t.is(await on('gw1', `journalctl -o cat | grep -cF ${words}; :`), '0\n')
})
test.after.always(() => stopOpenvpn(lab, 'upstream', 'hub'))
