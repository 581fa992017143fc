// A site behind two tunnels of one gateway: WireGuard over wan-a first, OpenVPN over wan-b second. What leaves, and by which way, is
// counted at upstream, where both end.

import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {reboot, type Topology} from '../../lab/index.ts'
import type {Status} from '../../roles/mwan/status.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import type {Flow} from '../support/in-namespace.ts'
import {startProbe} from '../support/probe.ts'
import {startSessions} from '../support/sessions.ts'
import {hear, silence} from '../support/silence.ts'
import {fresh, inventory, labUp, onHost} from '../support/site.ts'
import {sayOutage, saySessions} from '../support/traffic.ts'
import {behind, makeTunnels, removeTunnels} from '../support/tunnels.ts'
import {until} from '../support/until.ts'

const playbook = join(root, 'test/fixtures/tunnels/playbooks/site.yml')
const play = (settings: object = {}) =>
  gatewright('play', playbook, '-i', inventory, '--limit', 'gw1', '--json', '-e', JSON.stringify(settings))

let lab: Topology
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)
const inside = {from: 'client', to: 'upstream', address: behind, source: '10.10.0.100'}

/** The gateway as other roles make it: the LAN's router, and a main table that would send everything out over wan-a. */
const router = `cat >/etc/systemd/system/by-hand-router.service <<'END'
[Unit]
DefaultDependencies=no
After=network-pre.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; until ip address replace 10.10.0.1/24 dev lan && ip route replace default via 192.0.2.1; do sleep 0.1; done'
[Install]
WantedBy=sysinit.target
END
systemctl enable -q --now by-hand-router`

/** What a test that fails leaves running. */
const running = new Set<{stop(): Promise<unknown>}>()
const kept = async <Each extends {stop(): Promise<unknown>}>(starting: Promise<Each>): Promise<Each> => {
  const each = await starting
  running.add(each)
  return each
}
const sessionsOf = (count: number, flow: Flow = inside) => kept(startSessions(lab, flow, {count}))
const probeInside = () => kept(startProbe(lab, {...inside, port: 9007}))

const counters = {
  wireguardOverA: 'iifname "wan-a" udp dport 51820',
  wireguardOverB: 'iifname "wan-b" udp dport 51820',
  openvpnOverA: 'iifname "wan-a" udp dport 1194',
  openvpnOverB: 'iifname "wan-b" udp dport 1194',
  overFirst: 'iifname "wg0" udp dport 7777',
  overSecond: 'iifname "tun0" udp dport 7777',
  leaked: 'iifname { "wan-a", "wan-b" } ip daddr 10.20.0.0/16',
  tooLargeSegments: 'iifname "wg0" tcp flags & (syn | rst) == syn tcp option maxseg size > 1380',
  connections: 'iifname "wg0" tcp flags & (syn | rst) == syn',
}
type Counts = Record<keyof typeof counters, number>

const counted = async (): Promise<Counts> => {
  const packets = [...(await on('upstream', 'nft list chain inet seen count')).matchAll(/packets (\d+)/g)]
  return Object.fromEntries(Object.keys(counters).map((name, index) => [name, Number(packets[index]?.[1])])) as Counts
}
/** What was counted while something went on. */
const during = async (work: () => Promise<unknown>): Promise<Counts> => {
  const before = await counted()
  await work()
  const after = await counted()
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - before[name as keyof Counts]]),
  ) as Counts
}
/** New flows to what lies behind the tunnels, one each 50 ms. */
const send = (count = 20): Promise<string> =>
  on(
    'client',
    `bash -c 'for n in $(seq ${count}); do echo x >/dev/udp/${behind}/7777; sleep 0.05; done' 2>/dev/null; :`,
  )

const status = async (): Promise<Status> => JSON.parse(await on('gw1', 'cat /run/gatewright/mwan/state.json')) as Status
const stateOf = async (name: string): Promise<string> =>
  (await status()).uplinks.find(uplink => uplink.name === name)?.state ?? 'missing'
const allUp = (): Promise<boolean> =>
  until(async () => (await status()).uplinks.every(({state}) => state === 'up'), {withinMs: 60_000, everyMs: 250})
const cursor = async (): Promise<string> =>
  (await on('gw1', "journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'")).trim()
/** The states that the first tunnel entered since a mark in the journal. */
const entered = async (since: string): Promise<string[]> =>
  (await on('gw1', `journalctl -u gatewright-mwan -o cat --after-cursor='${since}'`))
    .split('\n')
    .flatMap(line => /^vpn-a\/4 is (\w+),/.exec(line)?.[1] ?? [])

const drop = {
  first: () => silence(lab, 'upstream', 'wan-a', {match: 'udp dport 51820'}),
  second: () => silence(lab, 'upstream', 'wan-b', {match: 'udp dport 1194'}),
}
const restore = async (): Promise<void> => {
  await hear(lab, 'upstream', 'wan-a')
  await hear(lab, 'upstream', 'wan-b')
}

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'upstream')
  await makeTunnels(lab, 'gw1')
  const rules = Object.values(counters).map(match => `add rule inet seen count ${match} counter`)
  await on(
    'upstream',
    `nft -f - <<'END'
add table inet seen
add chain inet seen count { type filter hook prerouting priority -400; }
${rules.join('\n')}
END`,
  )
})
test.beforeEach(async t => {
  t.timeout(300_000)
  await restore()
})
test.afterEach.always(async () => {
  await Promise.allSettled([...running].map(each => each.stop()))
  running.clear()
})
test.after.always(async () => {
  await restore()
  await removeTunnels(lab)
  await on('upstream', 'nft delete table inet seen; :')
  await fresh(lab, 'gw1')
})

test.serial(
  'the role converges in one run without a default route in main, and a second run changes nothing',
  async t => {
    t.timeout(300_000)
    t.is(await on('gw1', 'ip route show default'), '')
    const first = await play()
    t.is(first.code, 0, first.stderr)
    t.true(await allUp(), 'both tunnels come up')
    const second = await play()
    t.deepEqual(
      eventsOf(second.events, 'summary')[0]?.hosts.map(({status: verdict, counts}) => [verdict, counts.changed]),
      [['ok', 0]],
    )
  },
)

test.serial('the packets of each tunnel leave by the uplink that carries it, whatever main says', async t => {
  await on('gw1', router)
  const {wireguardOverA, wireguardOverB, openvpnOverA, openvpnOverB} = await during(() => sleep(4000))
  t.log(`WireGuard: ${wireguardOverA} packets over wan-a; OpenVPN: ${openvpnOverB} over wan-b`)
  t.true(wireguardOverA > 0 && openvpnOverB > 0)
  t.deepEqual([wireguardOverB, openvpnOverA], [0, 0])
})

test.serial('flows take the first tunnel, with segments that fit into it', async t => {
  t.true(await allUp())
  const sessions = await sessionsOf(3)
  const found = await during(async () => {
    await send()
    const more = await sessionsOf(3).catch(() => undefined)
    await more?.stop()
  })
  const {connections, tooLargeSegments} = await counted()
  t.like(found, {overFirst: 20, overSecond: 0, leaked: 0})
  t.true(connections >= 3)
  t.is(tooLargeSegments, 0)
  // What the far end announced, as the client was told: 1420 less both headers and the time stamps.
  const mss = [...(await on('client', `ss -Htin dst ${behind}`)).matchAll(/ mss:(\d+)/g)].map(([, size]) =>
    Number(size),
  )
  t.true(mss.length > 0 && mss.every(size => size <= 1380), mss.join(' '))
  t.is((await sessions.stop()).survived, 3)
})

test.serial(
  'when the first tunnel is dropped silently its flows move within 10 s and go on; healed, they return once',
  async t => {
    t.timeout(240_000)
    t.true(await allUp())
    const mark = await cursor()
    const sessions = await sessionsOf(10)
    const translated = async () =>
      Number(await on('gw1', "conntrack -L -p udp --src-nat 2>/dev/null | grep -c 'dport=7790 .*mark=11008'; :"))
    await on(
      'gw1',
      "nft 'add table ip test; add chain ip test nat { type nat hook postrouting priority 100; }; add rule ip test nat udp dport 7790 masquerade'",
    )
    await on('client', `bash -c 'for n in 1 2 3; do echo x >/dev/udp/${behind}/7790; done'`)
    t.is(await translated(), 3)
    const probe = await probeInside()
    await sleep(1500)
    await drop.first()
    const began = performance.now()
    t.true(await until(async () => (await stateOf('vpn-a')) === 'down'))
    const downMs = performance.now() - began
    t.true(await until(async () => (await translated()) === 0, {withinMs: 5000}), 'what has NAT cannot move')
    await sleep(3000)
    const moved = await probe.stop()
    t.log(`silent drop: noticed after ${(downMs / 1000).toFixed(1)} s; ${sayOutage(moved)}`)
    t.true(moved.gapMs < 10_000)
    t.like(await during(send), {overFirst: 0, overSecond: 20, leaked: 0})

    const back = await probeInside()
    await restore()
    t.true(await allUp())
    await sleep(3000)
    const returned = await back.stop()
    const report = await sessions.stop()
    t.log(`back: ${sayOutage(returned)}; ${saySessions(report)}`)
    t.true(returned.gapMs < 1000)
    t.is(report.survived, 10)
    t.is((await entered(mark)).filter(state => state === 'up').length, 1)
    t.like(await during(send), {overFirst: 20, overSecond: 0, leaked: 0})
  },
)

test.serial('a flow that began behind the tunnels is answered by the one that it comes in by now', async t => {
  t.true(await allUp())
  const over = (device: string) => on('upstream', `ip route replace 10.10.0.100/32 dev ${device} src ${behind}`)
  await over('wg0')
  const sessions = await sessionsOf(3, {from: 'upstream', to: 'client', address: '10.10.0.100', source: behind})
  await over('tun0')
  await sleep(1000)
  const answers = await on(
    'upstream',
    'timeout 5 tcpdump -Q in -n -c 20 -i tun0 tcp src port 7 >/dev/null 2>&1 && echo over tun0; :',
  )
  const report = await sessions.stop()
  await on('upstream', 'ip route delete 10.10.0.100/32; :')
  t.log(saySessions(report))
  t.is(report.survived, 3)
  t.is(answers.trim(), 'over tun0')
})

test.serial('a tunnel whose device vanishes is left at once, and taken again when it is back', async t => {
  t.timeout(240_000)
  t.true(await allUp())
  const sessions = await sessionsOf(5)
  const mark = await cursor()
  await on('gw1', 'systemctl stop by-hand-wg0')
  t.true(await until(async () => (await stateOf('vpn-a')) === 'down', {withinMs: 3000}), 'no probe has to be lost')
  t.like(await during(send), {overFirst: 0, overSecond: 20, leaked: 0})
  const check = await gatewright('play', playbook, '-i', inventory, '--limit', 'gw1', '--json', '--check')
  t.is(check.code, 0, 'a missing device is down, and nothing to change')
  await on('gw1', 'systemctl start --no-block by-hand-wg0')
  t.true(await allUp())
  t.deepEqual(
    (await entered(mark)).filter(state => state === 'up'),
    ['up'],
  )
  t.is((await on('gw1', 'cat /proc/sys/net/ipv4/conf/wg0/rp_filter')).trim(), '2', 'loose as it was')
  t.like(await during(send), {overFirst: 20, overSecond: 0, leaked: 0})
  const report = await sessions.stop()
  t.log(saySessions(report))
  t.is(report.survived, 5)
})

const tunnelsGone = 'systemctl stop by-hand-wg0 by-hand-tun0'
const nothingBut = {overFirst: 0, overSecond: 0}

test.serial(
  'with both tunnels down nothing of their policy leaves by another way: silent, missing, without tracker, without rules',
  async t => {
    t.timeout(240_000)
    t.true(await allUp(), 'well before')
    await drop.first()
    await drop.second()
    t.like(await during(() => send(60)), {leaked: 0}, 'while it is being noticed')
    t.true(
      await until(async () => (await stateOf('vpn-a')) === 'down' && (await stateOf('vpn-b')) === 'down'),
      'both are noticed',
    )
    t.like(await during(send), {...nothingBut, leaked: 0}, 'both are down')
    // A host is told so a few times a second at most (icmp_ratelimit).
    const answer = () => on('client', `ping -c 1 -W 1 ${behind} 2>&1; :`)
    t.true(await until(async () => /unreachable/i.test(await answer())), 'the host is told')
    await on('gw1', tunnelsGone)
    t.like(await during(send), {...nothingBut, leaked: 0}, 'both are missing')
    await on('gw1', 'systemctl stop gatewright-mwan')
    t.like(await during(send), {...nothingBut, leaked: 0}, 'the tracker is dead')
    await on('gw1', 'nft flush map inet gatewright_mwan choice')
    t.like(await during(send), {...nothingBut, leaked: 0}, 'there is no choice')
    await on('gw1', 'nft -f /etc/gatewright/nft/gatewright_mwan.nft')
    t.like(await during(send), {...nothingBut, leaked: 0}, 'the table is loaded anew')
    await on(
      'gw1',
      'for n in $(ip rule | sed -n "s/^\\(10[01][0-9][0-9]\\):.*/\\1/p"); do ip rule delete priority $n; done',
    )
    t.like(await during(send), {...nothingBut, leaked: 0}, 'there are no rules yet')
    await restore()
    await on('gw1', 'systemctl start --no-block by-hand-wg0 by-hand-tun0 gatewright-mwan')
    t.true(await allUp(), 'well again')
    t.like(await during(send), {overFirst: 20, leaked: 0})
  },
)

test.serial('nothing leaves while the gateway boots either; where the last resort is main, it does', async t => {
  t.timeout(300_000)
  t.true(await allUp())
  await on('gw1', 'systemctl disable -q --now by-hand-wg0 by-hand-tun0')
  const booted = new AbortController()
  const boot = await during(async () => {
    const sender = (async () => {
      while (!booted.signal.aborted) await send()
    })()
    await reboot(lab, 'gw1')
    t.true(
      await until(async () => (await on('gw1', 'systemctl is-active gatewright-mwan; :')).trim() === 'active', {
        withinMs: 60_000,
      }),
    )
    await sleep(2000)
    booted.abort()
    await sender
  })
  t.like(boot, {...nothingBut, leaked: 0})
  const site = {members: [{uplink: 'vpn-a'}, {uplink: 'vpn-b'}], last_resort: 'default'}
  const open = await play({mwan_policies: {balanced: {members: [{uplink: 'wan-a'}, {uplink: 'wan-b'}]}, site}})
  t.is(open.code, 0, open.stderr)
  t.true(await until(async () => (await stateOf('vpn-b')) === 'down'))
  const {leaked} = await during(send)
  t.is(leaked, 20, 'the counter sees what leaves outside of the tunnels')
  await on('gw1', 'systemctl enable -q by-hand-wg0 by-hand-tun0; systemctl start --no-block by-hand-wg0 by-hand-tun0')
  t.is((await play()).code, 0)
  t.true(await allUp())
})

/** How often the first tunnel came back while its path was silent for 3 s and well for 8 s, three times. */
const returnsWhileFlapping = async (): Promise<number> => {
  const mark = await cursor()
  for (let round = 0; round < 3; round++) {
    await drop.first()
    await sleep(3000)
    await restore()
    await sleep(8000)
  }
  return (await entered(mark)).filter(state => state === 'up').length
}

test.serial('a path that flaps does not make the tunnels flap; with hysteresis off it does', async t => {
  t.timeout(300_000)
  t.true(await allUp())
  const calm = await returnsWhileFlapping()
  t.true(await allUp())
  const off = {mwan_hold: 0, mwan_down_count: 1, mwan_up_count: 1, mwan_window: 2, mwan_flaps: 1000}
  t.is((await play(off)).code, 0)
  t.true(await allUp())
  const nervous = await returnsWhileFlapping()
  t.log(`of three silences of 3 s, 8 s apart: back ${calm} times with hysteresis, ${nervous} times without`)
  t.is(calm, 0)
  t.true(nervous >= 3)
  t.is((await play()).code, 0)
})
