// WireGuard on real hosts: two gateways with keys of their own, upstream as the concentrator.

import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {labExec, reboot, type Topology} from '../../lab/index.ts'
import {eventsOf, type Finished} from '../support/gatewright.ts'
import {type Outage, startProbe} from '../support/probe.ts'
import {fresh, labUp, onHost} from '../support/site.ts'
import {sayOutage} from '../support/traffic.ts'
import {until} from '../support/until.ts'
import {byHand, type WireguardSite, wireguardSite} from '../support/wireguard-site.ts'

let lab: Topology
let site: WireguardSite
const keys = {gw1: '', gw2: '', upstream: '', between1: '', between2: '', foreign: ''}
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)

/** The heartbeat that both ends promise each other (`wireguard_heartbeat`). */
const heartbeatMs = 10_000
const concentrator = {
  name: 'concentrator',
  public_key: '',
  preshared_key: '',
  endpoint: '192.0.2.1:51820',
  allowed_ips: ['10.99.0.1/32', '10.98.0.0/16', 'fd00:99::1/128'],
}
type Changes = {
  readonly device?: object
  readonly peers?: readonly object[]
  readonly between?: object
  readonly peer?: object
}

/** gw1 and gw2 each have a tunnel to the concentrator, and one between them. */
const describe = async (host: 'gw1' | 'gw2', {device, peers = [], between, peer}: Changes = {}): Promise<void> => {
  const [number, other] = host === 'gw1' ? [2, 3] : [3, 2]
  await site.vars(host, {
    wireguard_devices: [
      {
        name: 'wg0',
        private_key: site.lookup(`${host}-wg0.key`),
        addresses: [`10.99.0.${number}/24`, `fd00:99::${number}/64`],
        link: 'wan-a',
        routes: true,
        peers: [concentrator, ...peers],
        ...device,
      },
      {
        name: 'wg5',
        private_key: site.lookup(`${host}-wg5.key`),
        addresses: [`10.95.0.${number}/24`],
        peers: [
          {
            name: `gw${other - 1}`,
            host: `gw${other - 1}`,
            public_key: host === 'gw1' ? keys.between2 : keys.between1,
            endpoint: `198.51.100.${other}:51825`,
            allowed_ips: [`10.95.0.${other}/32`],
            ...peer,
          },
        ],
        ...between,
      },
    ],
  })
}

/** What a datagram each 5 ms through a tunnel, and its echo, see while `event` happens. */
const probing = async (to: string, address: string, event: () => Promise<void>): Promise<Outage> => {
  const probe = await startProbe(lab, {from: 'gw1', to, address})
  await sleep(1000)
  await event()
  await sleep(1000)
  return probe.stop()
}
const changedBy = ({events}: Finished, host: string): string[] =>
  eventsOf(events, 'item-end', host).flatMap(({item}) => (item.verdict === 'changed' ? [item.id] : []))
const quiet = (t: ExecutionContext, {code, stderr, events}: Finished): void => {
  t.is(code, 0, stderr)
  t.deepEqual([...new Set(eventsOf(events, 'summary')[0]?.hosts.map(({counts}) => counts.changed))], [0])
}
const said = (host: string): Promise<string> =>
  on(host, "journalctl -t gatewright-wireguard -o cat --no-pager; journalctl -u 'wg-quick@*' -o cat --no-pager")
const answers = async (host: string, address: string): Promise<boolean> =>
  (await labExec(lab, host, `ping -c 1 -W 1 ${address}`)).code === 0
const identity = (device = 'wg0'): Promise<string> =>
  on(
    'gw1',
    `systemctl show -p InvocationID --value wg-quick@${device}; pgrep -f '[w]ireguard-go ${device}'; wg show ${device} public-key`,
  )

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'gw2', 'upstream')
  site = await wireguardSite()
  keys.gw1 = await site.key('gw1-wg0')
  keys.gw2 = await site.key('gw2-wg0')
  keys.upstream = await site.key('upstream')
  keys.between1 = await site.key('gw1-wg5')
  keys.between2 = await site.key('gw2-wg5')
  keys.foreign = await site.key('foreign')
  await site.key('upstream', '--psk', 'gateways')
  Object.assign(concentrator, {public_key: keys.upstream, preshared_key: site.lookup('gateways+upstream.psk')})
  const psk = await site.reveal('gateways+upstream.psk')
  await byHand(
    lab,
    'wg0',
    `[Interface]
PrivateKey = ${await site.reveal('upstream.key')}
ListenPort = 51820
Address = 10.99.0.1/24, fd00:99::1/64, 10.98.0.1/32
${(['gw1', 'gw2'] as const)
  .map(
    (host, index) =>
      `[Peer]\nPublicKey = ${keys[host]}\nPresharedKey = ${psk}\nAllowedIPs = 10.99.0.${index + 2}/32, fd00:99::${index + 2}/128\nPersistentKeepalive = 5\n`,
  )
  .join('')}`,
  )
  for (const host of ['gw1', 'gw2'] as const) await describe(host)
})
test.after.always(async () => {
  await site?.remove()
  await fresh(lab, 'gw1', 'gw2', 'upstream')
})

/** Looks through the arguments and environments of all processes until it is told to stop. */
const spy = (pieces: readonly string[]): string => `
printf '%s\\n' ${pieces.map(piece => piece.replaceAll(/.{1,4}/g, "'$&'")).join(' ')} >/run/patterns
rm -f /run/stop-watching /run/watched /run/rounds
while [ ! -e /run/stop-watching ]; do
  cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -aF -f /run/patterns >>/run/watched
  echo . >>/run/rounds
done
rm /run/patterns`

test.serial(
  'one run makes the tunnels, a second one changes nothing, and no key is seen anywhere but in its file',
  async t => {
    t.timeout(300_000)
    const secrets = await Promise.all(
      ['gw1-wg0.key', 'gw1-wg5.key', 'gateways+upstream.psk'].map(file => site.reveal(file)),
    )
    const pieces = secrets.map(each => each.slice(8, 32))
    const watching = labExec(lab, 'gw1', spy(pieces), {timeoutMs: 200_000})
    const first = await site.play('site')
    t.is(first.code, 0, first.stderr)
    t.true(await until(async () => (await answers('gw1', '10.99.0.1')) && (await answers('gw1', '10.95.0.3'))))
    await on(
      'gw1',
      'systemctl reload wg-quick@wg0; systemctl restart wg-quick@wg5 gatewright-wireguard; touch /run/stop-watching',
    )
    await watching
    t.true(Number(await on('gw1', 'wc -l </run/rounds')) > 10)
    t.is(await on('gw1', 'cat /run/watched'), '')
    for (const piece of pieces) {
      const [one, two] = [piece.slice(0, 12), piece.slice(12)]
      t.is(
        await on(
          'gw1',
          `p=${one}; q=${two}; p=$p$q; journalctl --no-pager -a | grep -cF "$p"; grep -rlsF "$p" /etc /run /var /usr/local /tmp /root | sort; :`,
        ),
        piece === pieces[1] ? '0\n/etc/wireguard/wg5.conf\n' : '0\n/etc/wireguard/wg0.conf\n',
      )
      t.false(`${JSON.stringify(first.events)}${first.stderr}`.includes(piece))
    }
    t.is(await on('gw1', "stat -c '%a %U' /etc/wireguard/*.conf"), '600 root\n600 root\n')
    quiet(t, await site.play('site'))
  },
)

test.serial('traffic flows both ways, both families, and by the routes of allowed_ips', async t => {
  for (const [from, to] of [
    ['gw1', '10.99.0.1'],
    ['gw2', '10.99.0.1'],
    ['gw1', '10.98.0.1'],
    ['upstream', '10.99.0.2'],
    ['upstream', '10.99.0.3'],
    ['gw1', 'fd00:99::1'],
    ['upstream', 'fd00:99::2'],
    ['gw2', '10.95.0.2'],
  ] as const)
    t.true(await until(() => answers(from, to)), `${from} to ${to}`)
  t.regex(await on('gw1', 'wg show wg0 fwmark; ip route get 192.0.2.1 mark 0x10000'), /^0x10000\n.* table 2000 /)
  // A packet of the full size, and none above it.
  t.regex(
    await on('gw1', 'ping -c 1 -W 1 -M do -s 1412 10.99.0.1; cat /sys/class/net/wg0/mtu'),
    /1 received[\s\S]*\n1440\n$/,
  )
})

test.serial('the shell and systemd accept what is installed', async t => {
  await on(
    'gw1',
    'for f in /usr/local/lib/gatewright/wireguard-*; do case $f in *.awk) ;; *) sh -n $f || exit ;; esac; done',
  )
  t.is(await on('gw1', 'systemd-analyze verify --man=no gatewright-wireguard.service wg-quick@wg0.service 2>&1'), '')
})

test.serial(
  'peers, addresses and the MTU change without taking the device down: a live peer loses nothing',
  async t => {
    t.timeout(240_000)
    const before = await identity()
    const stranger = {name: 'newcomer', public_key: keys.foreign, allowed_ips: ['10.94.0.0/24']}
    const outage = await probing('upstream', '10.99.0.1', async () => {
      await describe('gw1', {
        peers: [stranger],
        device: {addresses: ['10.99.0.2/24', 'fd00:99::2/64', '10.99.1.2/32'], mtu: 1400},
      })
      const done = await site.play('site', '--limit', 'gw1')
      t.is(done.code, 0, done.stderr)
      t.deepEqual(changedBy(done, 'gw1'), [
        'file /etc/gatewright/wireguard/wg0',
        'file /etc/wireguard/wg0.conf',
        'handler reload wg-quick@wg0',
      ])
      t.is(
        (await on('gw1', 'wg show wg0 peers | wc -l; cat /sys/class/net/wg0/mtu; ip route show 10.94.0.0/24')).trim(),
        '2\n1400\n10.94.0.0/24 dev wg0 proto 160 scope link',
      )
      t.regex(await on('gw1', 'ip -o address show dev wg0'), /10\.99\.1\.2\/32/)
      await describe('gw1')
      t.is((await site.play('site', '--limit', 'gw1')).code, 0)
    })
    t.log(`two changes: ${sayOutage(outage)}`)
    t.is(outage.lost, 0)
    t.is(await identity(), before, 'the same unit, daemon and key')
    t.is(
      (
        await on(
          'gw1',
          'wg show wg0 peers | wc -l; ip route show 10.94.0.0/24; ip -o address show dev wg0 to 10.99.1.2',
        )
      ).trim(),
      '1',
    )
    quiet(t, await site.play('site'))
  },
)

test.serial('a reload with another private key, or none, is refused, and the device stays what it is', async t => {
  const before = await identity()
  for (const spoil of ['s#^PrivateKey = .*#PrivateKey = $(wg genkey)#', '/^PrivateKey/d']) {
    await on('gw1', `cp -p /etc/wireguard/wg0.conf /root/kept; sed -i "${spoil}" /etc/wireguard/wg0.conf`)
    const {code} = await labExec(lab, 'gw1', 'systemctl reload wg-quick@wg0')
    await on('gw1', 'cp -p /root/kept /etc/wireguard/wg0.conf; rm /root/kept')
    t.not(code, 0)
    t.is(await identity(), before)
    t.true(
      await answers('gw1', '10.99.0.1'),
      (await said('gw1')) + (await on('gw1', 'wg show; ip -br a; ping -c 3 -W 1 10.99.0.1; :')),
    )
  }
  t.regex(await said('gw1'), /does not belong to .*: nothing is changed/)
})

test.serial('a key or an address that the kernel would not take never reaches its file', async t => {
  const candidate = (text: string): Promise<number> =>
    labExec(lab, 'gw1', `printf '%s\\n' ${text} >/run/c; /usr/local/lib/gatewright/wireguard-check /run/c`).then(
      ({code}) => code,
    )
  const head = `'[Interface]' "PrivateKey = $(wg genkey)" 'ListenPort = 51820'`
  const peer = `'[Peer]' "PublicKey = $(wg genkey | wg pubkey)"`
  t.is(await candidate(`${head} ${peer} 'AllowedIPs = 10.0.0.0/8'`), 0)
  for (const broken of [
    `'[Interface]' ${peer}`,
    `${head} '[Peer]' 'PublicKey = garbage'`,
    `${head} ${peer} 'AllowedIPs = 10.0.0.0/33'`,
    `${head} ${peer} 'AlowedIPs = 10.0.0.0/8'`,
  ])
    t.not(await candidate(broken), 0, broken)
  t.is(await on('gw1', 'ip -o link show | grep -c gwcheck; :'), '0\n', 'the scratch device is gone')
})

const faults = [
  ['wg0 is deleted', 'ip link delete wg0'],
  ['wireguard-go is killed', "kill -9 $(pgrep -f '[w]ireguard-go wg0')"],
  ['wireguard-go hangs', "kill -STOP $(pgrep -f '[w]ireguard-go wg0')"],
  ['wg0 is set down', 'ip link set wg0 down'],
  ['its peers are removed', 'for p in $(wg show wg0 peers); do wg set wg0 peer $p remove; done'],
  ['its key is changed', 'wg genkey >/run/k; wg set wg0 private-key /run/k; rm /run/k'],
  [
    'its rule and its routes are deleted',
    'ip rule delete priority 9000; ip route flush table 2000; ip route delete 10.98.0.0/16',
  ],
  ['its watcher is killed with it', 'systemctl kill --signal=KILL gatewright-wireguard; ip link delete wg0'],
] as const
for (const [title, fault] of faults)
  test.serial(`healed without help: ${title}`, async t => {
    t.true(await until(async () => (await answers('gw1', '10.99.0.1')) && (await answers('gw1', '10.98.0.1'))))
    const start = performance.now()
    await on('gw1', fault)
    const isWell = async (): Promise<boolean> =>
      (
        await labExec(
          lab,
          'gw1',
          'ip rule show priority 9000 | grep -q . && ip route show table 2000 | grep -q default && ip route get 10.98.0.1 | grep -q wg0 && ip link show up dev wg0 | grep -q .',
        )
      ).code === 0 &&
      (await answers('gw1', '10.99.0.1')) &&
      (await answers('upstream', '10.99.0.2'))
    t.true(await until(isWell, {withinMs: 20_000}), await said('gw1'))
    t.log(`${title}: well again after ${((performance.now() - start) / 1000).toFixed(1)} s`)
  })

test.serial('at boot a name that cannot be resolved keeps nobody waiting, and is tried until it can', async t => {
  t.timeout(240_000)
  const named = {
    name: 'branch',
    public_key: keys.foreign,
    endpoint: 'vpn.branch.test:51820',
    allowed_ips: ['10.93.0.0/24'],
  }
  await describe('gw1', {peers: [named]})
  t.is((await site.play('site', '--limit', 'gw1')).code, 0)
  await reboot(lab, 'gw1')
  t.true(await until(() => answers('gw1', '10.99.0.1'), {withinMs: 60_000}), 'the other peer of the device')
  const endpoint = (): Promise<string> => on('gw1', `wg show wg0 endpoints | grep -F '${keys.foreign}'`)
  t.regex(await endpoint(), /\(none\)/)
  const start = performance.now()
  await on('gw1', 'echo 192.0.2.3 vpn.branch.test >>/etc/hosts')
  t.true(await until(async () => (await endpoint()).includes('192.0.2.3:51820'), {withinMs: 20_000}))
  t.log(`the name resolves: its endpoint is set after ${((performance.now() - start) / 1000).toFixed(1)} s`)
  await on('gw1', "sed '/vpn.branch.test/d' /etc/hosts >/run/hosts && cat /run/hosts >/etc/hosts")
  await describe('gw1')
  t.is((await site.play('site', '--limit', 'gw1')).code, 0)
})

test.serial('the journal tells who came, from where, who moved, and who left after how long and how much', async t => {
  t.true(await until(() => answers('gw1', '10.99.0.1')))
  const journal = 'journalctl -t gatewright-wireguard -o cat --no-pager'
  const before = Number(await on('gw1', `${journal} | wc -l`))
  const since = (): Promise<string> => on('gw1', `${journal} | tail -n +${before + 1}`)
  const peer = `device=wg0 peer=concentrator key=${keys.upstream}`
  await on('upstream', 'wg set wg0 listen-port 51999')
  t.true(
    await until(async () => (await since()).includes(`roam ${peer} from=192.0.2.1:51820 to=192.0.2.1:51999\n`)),
    await since(),
  )
  await on('upstream', 'wg set wg0 listen-port 51820')
  t.true(
    await until(async () => (await since()).includes(`roam ${peer} from=192.0.2.1:51999 to=192.0.2.1:51820\n`)),
    await since(),
  )
  await describe('gw1', {device: {peers: []}})
  t.is((await site.play('site', '--limit', 'gw1')).code, 0)
  const left = new RegExp(
    `^disconnect ${peer.replaceAll(/[+]/g, '\\+')} from=192\\.0\\.2\\.1:51820 seconds=(\\d+) received=(\\d+) sent=(\\d+) why=removed$`,
    'm',
  )
  t.true(await until(async () => left.test(await since())), await since())
  const [, seconds, received, sent] = (left.exec(await since()) ?? []).map(Number)
  t.true((seconds ?? 0) >= 1 && (received ?? 0) > 100 && (sent ?? 0) > 100)
  await describe('gw1')
  t.is((await site.play('site', '--limit', 'gw1')).code, 0)
  t.true(
    await until(async () => (await since()).includes(`connect ${peer} from=192.0.2.1:51820 networks=10.9`)),
    await since(),
  )
  t.is(
    await on('gw1', "journalctl -t gatewright-wireguard -p 4 -o cat --no-pager --since=-1min | grep -c '^connect'; :"),
    '0\n',
    'sessions are no warnings',
  )
})

test.serial(
  'a key changes under traffic: the far end accepts both, and follows; the second run changes nothing',
  async t => {
    t.timeout(300_000)
    const next = await site.key('gw1-wg5', '--next')
    const pending = {next_private_key: site.lookup('gw1-wg5.next.key')}
    await describe('gw1', {between: pending})
    const refused = await site.play('site')
    t.is(refused.code, 5)
    t.true(JSON.stringify(refused.events).includes('wireguard-next-key'), 'the far end is to accept it first')
    await describe('gw2', {peer: {next_public_key: next}})
    t.is((await site.play('site')).code, 0)
    t.true(await until(async () => (await answers('gw1', '10.95.0.3')) && (await answers('gw2', '10.95.0.2'))))
    const would = await site.task('gw1', 'wireguard.rotate', '--check')
    t.is(would.code, 2, would.stderr)
    t.regex(
      JSON.stringify(would.events),
      new RegExp(`would change from ${keys.between1.replaceAll('+', '\\+')} to ${next.replaceAll('+', '\\+')}`),
    )
    let told: Finished | undefined
    const outage = await probing('gw2', '10.95.0.3', async () => {
      told = await site.task('gw1', 'wireguard.rotate')
    })
    t.is(told?.code, 0, JSON.stringify(told?.events.slice(-5)))
    t.log(`rotation: ${sayOutage(outage)}`)
    t.true(outage.gapMs < heartbeatMs)
    t.is((await on('gw1', 'wg show wg5 public-key')).trim(), next)
    quiet(t, await site.play('site'))
    t.is((await site.task('gw1', 'wireguard.rotate')).code, 0)
    await on('gw1', 'systemctl restart wg-quick@wg5')
    t.is((await on('gw1', 'wg show wg5 public-key')).trim(), next, 'it outlives a restart')
    t.true(await until(() => answers('gw2', '10.95.0.2')))
    // The next key becomes the present one, on this machine and then on both ends.
    keys.between1 = await site.key('gw1-wg5', '--promote')
    t.is(keys.between1, next)
    const after = await probing('gw2', '10.95.0.3', async () => {
      for (const host of ['gw1', 'gw2'] as const) await describe(host)
      t.is((await site.play('site')).code, 0)
    })
    t.log(`promotion: ${sayOutage(after)}`)
    t.is(after.lost, 0)
    t.deepEqual((await on('gw2', 'wg show wg5 peers')).trim().split('\n'), [next])
    quiet(t, await site.play('site'))
  },
)

test.serial('a key that a far end does not accept is taken back', async t => {
  t.timeout(120_000)
  await site.key('gw1-wg0', '--next')
  await describe('gw1', {device: {next_private_key: site.lookup('gw1-wg0.next.key')}})
  t.is((await site.play('site', '--limit', 'gw1')).code, 0)
  const done = await site.task('gw1', 'wireguard.rotate')
  t.is(done.code, 3)
  t.regex(
    JSON.stringify(done.events),
    /concentrator did not shake hands under .* has its former key again.*not of this inventory/,
  )
  t.is((await on('gw1', 'wg show wg0 public-key')).trim(), keys.gw1)
  t.true(await until(() => answers('gw1', '10.99.0.1')))
})

test.serial('wireguard.status tells who is connected', async t => {
  t.true(
    await until(async () =>
      JSON.stringify((await site.task('gw1', 'wireguard.status')).events).includes('2 of 2 peers connected'),
    ),
  )
  await on('upstream', 'systemctl stop wg-quick@wg0')
  await on('gw1', 'systemctl restart wg-quick@wg0')
  const {code, events} = await site.task('gw1', 'wireguard.status', '--check')
  t.is(code, 0)
  t.regex(JSON.stringify(events), /1 of 2 peers connected; silent: concentrator on wg0/)
  await on('upstream', 'systemctl start wg-quick@wg0')
  await sleep(100)
})
