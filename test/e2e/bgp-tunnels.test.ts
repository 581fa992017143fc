// A site behind two tunnels, found by BGP over both: WireGuard over wan-a first, OpenVPN over wan-b second, BFD in each.
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import type {Topology} from '../../lab/index.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {startProbe} from '../support/probe.ts'
import {startSessions} from '../support/sessions.ts'
import {hear, silence} from '../support/silence.ts'
import {fresh, inventory, labUp, onHost} from '../support/site.ts'
import {sayOutage, saySessions} from '../support/traffic.ts'
import {behind, makeTunnels, removeTunnels} from '../support/tunnels.ts'
import {until} from '../support/until.ts'

const playbook = join(root, 'test/fixtures/tunnels/playbooks/bgp.yml')
const play = () => gatewright('play', playbook, '-i', inventory, '--limit', 'gw1', '--json')
const inside = {from: 'client', to: 'upstream', address: behind, source: '10.10.0.100'}

let lab: Topology
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)
/** The device by which the gateway sends to the other site. */
const way = async (): Promise<string | undefined> =>
  / dev (\S+)/.exec(await on('gw1', `ip route show 10.20.0.0/24; :`))?.[1]
const takes = (device: string): Promise<boolean> =>
  until(async () => (await way()) === device, {withinMs: 60_000, everyMs: 100})

const farEnd = `cat >/etc/frr/frr.conf <<'END'
ip route 10.20.0.0/24 Null0
router bgp 65020
 bgp router-id 10.20.0.1
 no bgp ebgp-requires-policy
 neighbor 10.99.1.2 remote-as 65010
 neighbor 10.99.2.2 remote-as 65010
 neighbor 10.99.1.2 bfd
 neighbor 10.99.2.2 bfd
 neighbor 10.99.1.2 ttl-security hops 1
 neighbor 10.99.2.2 ttl-security hops 1
 neighbor 10.99.1.2 timers connect 3
 neighbor 10.99.2.2 timers connect 3
 address-family ipv4 unicast
  network 10.20.0.0/24
  neighbor 10.99.1.2 weight 100
 exit-address-family
exit
END
chown frr:frr /etc/frr/frr.conf; systemctl reset-failed frr; systemctl restart frr`

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'upstream')
  await makeTunnels(lab, 'gw1', {returns: 'by main'})
  await on('upstream', farEnd)
  // The router of the LAN. Each tunnel's own packets have a way of their own.
  await on(
    'gw1',
    `echo 1 >/proc/sys/net/ipv4/ip_forward; ip address replace 10.10.0.1/24 dev lan
ip route replace 203.0.113.10 via 192.0.2.1; ip route append 203.0.113.10 via 198.51.100.1 dev wan-b metric 100`,
  )
})
test.after.always(async () => {
  await hear(lab, 'upstream', 'wan-a')
  await removeTunnels(lab)
  await fresh(lab, 'gw1', 'upstream')
})

test.serial('sessions come up over both tunnels, and the first one is taken; a second run changes nothing', async t => {
  t.timeout(300_000)
  const first = await play()
  t.is(first.code, 0, first.stderr)
  t.true(await takes('wg0'), await on('gw1', "vtysh -c 'show bgp summary' -c 'show bfd peers brief'"))
  const second = await play()
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({status, counts}) => [status, counts.changed]),
    [['ok', 0]],
  )
})

test.serial(
  'BFD finds the first tunnel dead, and traffic with its sessions takes the second; healed, it comes back',
  async t => {
    t.timeout(240_000)
    const bfdIsUp = async () =>
      ((await on('gw1', "vtysh -c 'show bfd peers json'")).match(/"status":"up"/g) ?? []).length === 2
    t.true(await until(bfdIsUp, {withinMs: 60_000, everyMs: 300}))
    const sessions = await startSessions(lab, inside, {count: 10})
    const probe = await startProbe(lab, {...inside, port: 9007})
    await silence(lab, 'upstream', 'wan-a', {match: 'udp dport 51820'})
    t.true(await takes('tun0'))
    await sleep(2000)
    const moved = await probe.stop()
    t.log(`silent drop of the first tunnel: ${sayOutage(moved)}`)
    t.true(moved.gapMs < 10_000)
    await hear(lab, 'upstream', 'wan-a')
    t.true(await takes('wg0'))
    await sleep(2000)
    const report = await sessions.stop()
    t.log(`and back: ${saySessions(report)}`)
    t.is(report.survived, 10)
  },
)
