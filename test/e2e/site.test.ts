// The whole site over a live pair: every role changes something while 50 sessions and two probes go through the gateways.
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {cut, heal, type Topology} from '../../lab/index.ts'
import type {Event} from '../../src/events.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {inventory, labUp, onHost} from '../support/site.ts'
import {inward, outward, sayOutage, saySessions, underTraffic} from '../support/traffic.ts'
import {until} from '../support/until.ts'

const gateways = ['gw1', 'gw2']
const address = '10.10.0.1'
// Lets the providers' side reach the echo service on the client's own address, for the probe from outside. Slow enough for a
// busy machine not to look like a dead line: here it is counted what a change costs, not how soon a fault is seen.
const base = {
  mwan_probe_interval: 1,
  mwan_probe_timeout: 1,
  bgp_bfd_profiles: {wan: {interval: 1000, multiplier: 3}, direct: {interval: 1000, multiplier: 3}},
  bgp_bfd_limit: 4,
  hardening_forward: [
    {from: 'lan', to: ['wan-a', 'wan-b'], purpose: 'the LAN goes out'},
    {from: 'wan-a', to: ['lan'], protocol: 'udp', ports: [7], purpose: 'echo'},
    {from: 'wan-b', to: ['lan'], protocol: 'udp', ports: [7], purpose: 'echo'},
  ],
}
const changed = {
  ...base,
  hardening_ssh_max_auth_tries: 5,
  hardening_firewall_log_rate: 20,
  bgp_connect_retry: 6,
  mwan_latency_down: 160,
  vrrp_garp_refresh: 45,
}
const play = (variables: object, ...args: string[]) =>
  gatewright(
    'play',
    join(root, 'playbooks/site.yml'),
    '-i',
    inventory,
    '--json',
    '-e',
    JSON.stringify(variables),
    ...args,
  )

let lab: Topology
test.before(async t => {
  t.timeout(900_000)
  lab = await labUp()
})

const holder = async (): Promise<string> => {
  const shown = gateways.map(host => onHost(lab, host, `ip -oneline address show to ${address}`))
  return (await Promise.all(shown)).flatMap((text, index) => (text === '' ? [] : [gateways[index]])).join()
}
let [standby, master] = gateways as [string, string]
const findRoles = async (t: ExecutionContext): Promise<void> => {
  t.true(await until(async () => gateways.includes(await holder())), 'exactly one gateway holds the address')
  master = await holder()
  standby = gateways.find(host => host !== master) ?? ''
}
const changesOf = (events: readonly Event[]): (number | string)[][] =>
  eventsOf(events, 'summary')[0]?.hosts.map(({host, status, counts}) => [host, status, counts.changed]) ?? []
/** Roles that changed something on a host. */
const rolesChanged = (events: readonly Event[], host: string): string[] => {
  const ended = eventsOf(events, 'item-end', host).flatMap(({item}) =>
    item.verdict === 'changed' && item.role !== undefined ? [item.role] : [],
  )
  return [...new Set(ended)].toSorted()
}

test.serial('all roles converge on two fresh hosts, and a second run changes nothing', async t => {
  t.timeout(900_000)
  const started = performance.now()
  const first = await play(base)
  t.is(first.code, 0, first.stderr)
  t.log(`${((performance.now() - started) / 1000).toFixed(0)} s for two fresh hosts`)
  await findRoles(t)
  const second = await play(base)
  t.deepEqual([second.code, changesOf(second.events)], [0, gateways.map(host => [host, 'ok', 0])], second.stderr)
})

test.serial('a run without a change loses no probe', async t => {
  await findRoles(t)
  const {outages, sessions} = await underTraffic(lab, {probes: {outward, inward}, sessions: outward}, async () => {
    t.is((await play(base)).code, 0)
  })
  t.log(`out: ${sayOutage(outages.outward)}`)
  t.log(`in: ${sayOutage(outages.inward)}`)
  t.deepEqual([outages.outward.lost, outages.inward.lost, sessions.survived], [0, 0, 50])
})

test.serial(
  'a change in every role goes to the standby first and to one gateway at a time; sessions survive',
  async t => {
    await findRoles(t)
    const before = standby
    let events: readonly Event[] = []
    const {outages, sessions} = await underTraffic(lab, {probes: {outward, inward}, sessions: outward}, async () => {
      const run = await play(changed)
      t.is(run.code, 0, run.stderr)
      events = run.events
    })
    t.log(`out: ${sayOutage(outages.outward)}`)
    t.log(`in: ${sayOutage(outages.inward)}`)
    t.log(saySessions(sessions))
    for (const host of gateways) t.deepEqual(rolesChanged(events, host), ['bgp', 'hardening', 'mwan', 'vrrp'], host)
    const batches = eventsOf(events, 'batch-start').map(({hosts}) => hosts.join())
    t.deepEqual(batches, [before, gateways.find(host => host !== before) ?? ''])
    const touched = events.flatMap(event =>
      event.event === 'gate' && event.when === 'after'
        ? [`${event.host} ${event.is}`]
        : event.event === 'step-start'
          ? [event.host]
          : [],
    )
    const order = touched.filter((each, index) => each !== touched[index - 1])
    t.deepEqual(
      order.filter(each => !each.includes('sick')),
      [before, `${before} healthy`, batches[1] ?? '', `${batches[1]} healthy`],
    )
    t.is(sessions.survived, 50)
    for (const {gapMs} of Object.values(outages)) t.true(gapMs < 3000)
  },
)

test.serial('with a sick peer the master is left alone (exit 6), unless somebody gives a reason', async t => {
  await findRoles(t)
  await cut(lab, standby, 'wan-a')
  const refused = await play(base, '--limit', master)
  t.is(refused.code, 6)
  t.regex(JSON.stringify(eventsOf(refused.events, 'host-failed', master)), new RegExp(`its peer ${standby} is sick`))
  t.deepEqual(eventsOf(refused.events, 'step-start'), [])
  const forced = await play(base, '--limit', master, '--force-sick', 'the provider repairs its line')
  t.is(forced.code, 0, forced.stderr)
  t.deepEqual(rolesChanged(forced.events, master), ['bgp', 'hardening', 'mwan', 'vrrp'])
  await heal(lab, standby, 'wan-a')
})
