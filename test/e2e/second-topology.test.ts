// What holds in the standard lab holds elsewhere: links named like VLANs, IPv6, three uplinks, iBGP on a link of another
// name, the grouped layout, an AS number of four bytes. In a lab of its own, beside whatever lab is up.
import {join} from 'node:path'
import test from 'ava'
import {cut, down, gapDuring, heal, loadTopology, up} from '../../lab/index.ts'
import type {Status} from '../../roles/mwan/status.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {routeAtUpstream, sessionsOf, startUpstream} from '../support/upstream.ts'

const fixture = join(root, 'test/fixtures/second')
const lab = loadTopology(join(fixture, 'topology.yml'))
const gateways = ['west-gw1', 'west-gw2']
const play = () => gatewright('play', join(fixture, 'site.yml'), '-i', join(fixture, 'inventory'), '--json')

test.before(async t => {
  t.timeout(600_000)
  await up(lab)
  await startUpstream(lab, {gtsm: false, password: 'west-side'})
})
test.after.always(() => down(lab))

const virtual = ['10.70.20.1', 'fd00:70:20::1', '203.0.113.65', '2001:db8:7000:30::1', '198.18.103.10']
const holders = async (address: string): Promise<string[]> => {
  const shown = gateways.map(host => onHost(lab, host, `ip -oneline address show to ${address}`))
  return (await Promise.all(shown)).flatMap((text, index) => (text === '' ? [] : [gateways[index] ?? '']))
}
/** The gateway that alone holds every virtual address. */
const master = async (): Promise<string | undefined> => {
  const all = new Set((await Promise.all(virtual.map(holders))).map(hosts => hosts.join()))
  const [only = ''] = all
  return all.size === 1 && gateways.includes(only) ? only : undefined
}

test.serial('all roles converge, and a second run changes nothing', async t => {
  t.timeout(900_000)
  const started = performance.now()
  const first = await play()
  t.is(first.code, 0, first.stderr)
  t.log(`converged in ${((performance.now() - started) / 1000).toFixed(0)} s`)
  t.true(await until(async () => (await master()) !== undefined))
  const second = await play()
  t.is(second.code, 0, second.stderr)
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({host, status, counts}) => [host, status, counts.changed]),
    gateways.map(host => [host, 'ok', 0]),
  )
})

test.serial('the virtual addresses of both families answer, inside and outside', async t => {
  t.truthy(await until(async () => (await master()) !== undefined))
  for (const address of virtual.slice(0, 4)) await onHost(lab, 'client', `ping -n -c 1 -W 2 ${address}`)
  // Reachable from there by what BGP announced, and by nothing else.
  for (const address of ['203.0.113.65', '2001:db8:7000:30::1'])
    await onHost(lab, 'upstream', `ping -n -c 1 -W 2 ${address}`)
  await onHost(lab, 'client', 'ping -n -c 1 -W 2 203.0.113.10')
  t.pass()
})

test.serial('BGP is up with all three providers and between the gateways, and returns to the master', async t => {
  const states = async () => Object.entries(await sessionsOf(lab))
  t.is((await states()).length, 12)
  t.true(await until(async () => (await states()).every(([, state]) => state === 'Established')))
  const inner = JSON.parse(await onHost(lab, 'west-gw1', "vtysh -c 'show bgp ipv4 unicast summary json'"))
  t.is(inner.peers['10.70.99.3']?.state, 'Established')
  const holder = await master()
  const way = await routeAtUpstream(lab, '203.0.113.100')
  t.true(['wan.101', 'wan.102'].includes(way?.device ?? ''), JSON.stringify(way))
  t.regex(
    way?.via ?? '',
    holder === 'west-gw1' ? /^(192\.0\.2\.2|198\.51\.100\.66)$/ : /^(192\.0\.2\.3|198\.51\.100\.67)$/,
  )
})

test.serial('each gateway sees its three uplinks up in both families, and the master alone steers', async t => {
  const stateOf = async (host: string): Promise<Status> =>
    JSON.parse(await onHost(lab, host, 'cat /run/gatewright/mwan/state.json'))
  const allUp = (state: Status): boolean => state.uplinks.every(uplink => uplink.state === 'up')
  for (const host of gateways) {
    t.true(await until(async () => allUp(await stateOf(host)), {withinMs: 30_000}), host)
    t.deepEqual(
      (await stateOf(host)).uplinks.map(({name, family}) => `${name} IPv${family}`),
      ['fibre', 'cable', 'lte'].flatMap(name => [`${name} IPv4`, `${name} IPv6`]),
    )
    t.is((await stateOf(host)).steering, host === (await master()))
  }
})

test.serial('a pulled cable of the LAN moves all addresses, in the grouped layout as well', async t => {
  const before = (await master()) ?? ''
  const gap = await gapDuring(lab, 'client', '10.70.20.1', async () => {
    await cut(lab, before, 'lan.20')
    t.true(await until(async () => (await holders('2001:db8:7000:30::1')).join() !== before))
  })
  await heal(lab, before, 'lan.20')
  t.truthy(gap, 'a gap was measured')
  t.log(`cable pulled, grouped: ${gap?.gapMs.toFixed(0)} ms`)
  t.true((gap?.gapMs ?? 9999) < 3000)
})
