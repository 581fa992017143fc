// The lab's scenery itself: providers that speak BGP and fall silent, judged by a router that is configured by hand.
import test from 'ava'
import type {Topology} from '../../lab/index.ts'
import {hear, silence} from '../support/silence.ts'
import {labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {
  pathsAtUpstream,
  routeAtUpstream,
  seenByBfd,
  sessionsOf,
  startUpstream,
  stopUpstream,
} from '../support/upstream.ts'

let lab: Topology
test.afterEach.always(() => hear(lab, 'gw1', 'wan-a'))
test.before(async () => {
  lab = await labUp()
  await onHost(lab, 'gw1', 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq frr >/dev/null')
})

/** The router of a customer in its smallest form. */
const customer = (lines: readonly string[]): string => `frr defaults traditional
ip route 203.0.113.128/25 blackhole
bfd
 profile fast
  receive-interval 100
  transmit-interval 100
exit
ip prefix-list OWN permit 203.0.113.128/25
route-map ALL permit 10
exit
route-map OWN permit 10
 match ip address prefix-list OWN
exit
router bgp 65010
 no bgp default ipv4-unicast
${['192.0.2.1 64500', '198.51.100.1 64501', '2001:db8:a::1 64500', '2001:db8:b::1 64501']
  .map(peer => peer.split(' '))
  .map(([address, as]) =>
    [`remote-as ${as}`, 'ttl-security hops 1', ...lines].map(line => ` neighbor ${address} ${line}`).join('\n'),
  )
  .join('\n')}
 address-family ipv4 unicast
  network 203.0.113.128/25
  neighbor 192.0.2.1 activate
  neighbor 192.0.2.1 route-map ALL in
  neighbor 192.0.2.1 route-map OWN out
  neighbor 198.51.100.1 activate
  neighbor 198.51.100.1 route-map ALL in
  neighbor 198.51.100.1 route-map OWN out
 exit-address-family
 address-family ipv6 unicast
  neighbor 2001:db8:a::1 activate
  neighbor 2001:db8:b::1 activate
 exit-address-family
exit
`
const startCustomer = (lines: readonly string[]): Promise<string> =>
  onHost(
    lab,
    'gw1',
    `sed -i 's/^\\(bgpd\\|bfdd\\)=no/\\1=yes/' /etc/frr/daemons
cat >/etc/frr/frr.conf <<'END'
${customer(lines)}END
systemctl reset-failed frr; systemctl restart frr`,
  )

const established = async (): Promise<number> =>
  Object.entries(await sessionsOf(lab)).filter(([name, state]) => name.startsWith('gw1') && state === 'Established')
    .length
const defaultRoute = async (): Promise<string> => onHost(lab, 'gw1', 'ip -4 route show default')

test.serial('both providers come up over IPv4 and IPv6 and announce a default route and the internet', async t => {
  await startUpstream(lab, {password: 'between-us', announce: ['100.64.0.0/24']})
  await startCustomer(['password between-us', 'timers 3 9', 'bfd profile fast'])
  t.true(await until(async () => (await established()) === 4), JSON.stringify(await sessionsOf(lab)))
  t.true(await until(async () => (await defaultRoute()) !== ''))
  const table = await onHost(lab, 'gw1', 'vtysh -c "show bgp ipv4 unicast"')
  for (const expected of [
    / 192\.0\.2\.1 .* 64500 i/,
    / 198\.51\.100\.1 .* 64501 i/,
    / 0\.0\.0\.0\/0 /,
    /203\.0\.113\.10\/32/,
  ])
    t.regex(table, expected)
  t.regex(table, /100\.64\.0\.0\/24/, 'what else was asked for')
  t.true(await until(async () => (await pathsAtUpstream(lab))['203.0.113.128/25']?.length === 2))
  const {'203.0.113.128/25': paths = [], ...others} = await pathsAtUpstream(lab)
  t.deepEqual(others, {})
  t.deepEqual(paths.map(({asPath, from, best}) => `${from} ${asPath} ${best}`).toSorted(), [
    '192.0.2.2 65010 true',
    '198.51.100.2 65010 false',
  ])
  t.deepEqual(await routeAtUpstream(lab, '203.0.113.200'), {device: 'wan-a', via: '192.0.2.2'})
  t.true(await until(async () => (await seenByBfd(lab)).length === 4))
})

/** How long the way back to the customer stays on a neighbour that fell silent. */
const rerouted = async (): Promise<number> => {
  await silence(lab, 'gw1', 'wan-a')
  const since = performance.now()
  await until(async () => (await routeAtUpstream(lab, '203.0.113.200'))?.device === 'wan-b')
  return performance.now() - since
}

test.serial('a silent neighbour is left within a second with BFD; heard again, it comes back', async t => {
  const ms = await rerouted()
  t.log(`${ms.toFixed(0)} ms with BFD of 100 ms x 3`)
  t.true(ms < 1000)
  t.true(await until(async () => (await defaultRoute()).includes('via 198.51.100.1 ')))
  await hear(lab, 'gw1', 'wan-a')
  t.true(await until(async () => (await established()) === 4 && (await seenByBfd(lab)).length === 4))
})

test.serial('silence of one protocol leaves the others alone', async t => {
  await silence(lab, 'gw1', 'wan-a', {match: 'udp dport { 3784, 4784 }', direction: 'from'})
  t.true(await until(async () => (await seenByBfd(lab)).length === 2))
  await onHost(lab, 'gw1', 'ping -n -c 1 -W 1 192.0.2.1')
})

test.serial('without BFD the same silence takes longer than a second: the hold time', async t => {
  await startUpstream(lab, {bfd: false})
  await startCustomer(['timers 3 9'])
  t.true(await until(async () => (await established()) === 4))
  t.true(await until(async () => (await routeAtUpstream(lab, '203.0.113.200'))?.device === 'wan-a'))
  const ms = await rerouted()
  t.log(`${ms.toFixed(0)} ms without BFD, hold time 9 s`)
  t.true(ms > 1000)
})

test.serial('a wrong password keeps the sessions down, and a stopped router speaks to nobody', async t => {
  await startUpstream(lab, {password: 'another'})
  await new Promise(resolve => setTimeout(resolve, 3000))
  t.is(await established(), 0)
  await stopUpstream(lab)
  t.not((await onHost(lab, 'upstream', 'pgrep -c bgpd; :')).trim(), '1')
})
