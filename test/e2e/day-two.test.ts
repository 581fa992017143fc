// A gateway goes out of service and comes back, and packages are upgraded, while 50 sessions and a probe go through the pair.

import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import {eventsOf, type Finished, gatewright, root} from '../support/gatewright.ts'
import {offerNewer} from '../support/rebuilt-package.ts'
import {inventory, labUp, onHost} from '../support/site.ts'
import {outward, sayOutage, saySessions, underTraffic} from '../support/traffic.ts'
import {until} from '../support/until.ts'

const gateways = ['gw1', 'gw2'] as const
type Gateway = (typeof gateways)[number]
const ceilingMs = 3000
// Slow enough for a busy machine not to look like a dead line.
const variables = JSON.stringify({
  mwan_probe_interval: 1,
  mwan_probe_timeout: 1,
  bgp_bfd_profiles: {wan: {interval: 1000, multiplier: 3}, direct: {interval: 1000, multiplier: 3}},
  bgp_bfd_limit: 4,
})
const play = (name: string, ...more: string[]): Promise<Finished> =>
  gatewright('play', join(root, `playbooks/${name}.yml`), '-i', inventory, '--json', '-e', variables, ...more)

let lab: Topology
const stateOf = (host: Gateway): Promise<string> =>
  onHost(lab, host, `sed -n 's/.*"state":"\\([A-Z]*\\)".*/\\1/p' /run/gatewright/vrrp/state 2>/dev/null; :`)
const masterOf = async (): Promise<Gateway | undefined> => {
  const states = await Promise.all(gateways.map(async host => (await stateOf(host)).trim()))
  return states.toSorted().join(' ') === 'BACKUP MASTER' ? gateways[states.indexOf('MASTER')] : undefined
}
/** One is master, the other could take over at once. */
const settled = async (t: ExecutionContext): Promise<Gateway> => {
  const isWell = async () =>
    (await masterOf()) !== undefined &&
    (await Promise.all(gateways.map(host => onHost(lab, host, 'cat /run/gatewright/track/conntrack')))).every(
      text => text.trim() === '0',
    )
  t.true(await until(isWell, {withinMs: 120_000, everyMs: 500}), 'the pair is well')
  return (await masterOf()) ?? 'gw1'
}
const otherOf = (host: Gateway): Gateway => (host === 'gw1' ? 'gw2' : 'gw1')

test.before(async t => {
  t.timeout(900_000)
  lab = await labUp()
  const {code, stderr, events} = await play('site')
  t.is(code, 0, [stderr, ...eventsOf(events, 'host-failed').map(({host, message}) => `${host}: ${message}`)].join('\n'))
})

/** What users notice of a run: no session may be lost, and no gap be longer than the mission allows. */
const unnoticed = async (t: ExecutionContext, run: () => Promise<Finished>): Promise<Finished> => {
  let finished: Finished | undefined
  const {outages, sessions} = await underTraffic(
    lab,
    {probes: {outward}, sessions: {...outward, port: 7}},
    async () => {
      finished = await run()
    },
  )
  t.log(sayOutage(outages.outward))
  t.log(saySessions(sessions))
  t.is(sessions.survived, sessions.sessions.length)
  t.true(outages.outward.gapMs < ceilingMs)
  if (!finished) throw new Error('the run did not end')
  t.is(
    finished.code,
    0,
    [finished.stderr, ...eventsOf(finished.events, 'host-failed').map(({host, message}) => `${host}: ${message}`)].join(
      '\n',
    ),
  )
  return finished
}

test.serial('the gateway with the traffic goes out of service, is worked on, and comes back', async t => {
  t.timeout(400_000)
  const master = await settled(t)
  const work = `cat /etc/keepalived/maintenance >/run/worked; sed -n 's/.*"state":"\\([A-Z]*\\)".*/\\1/p' /run/gatewright/vrrp/state >>/run/worked`
  await unnoticed(t, () => play('maintenance', '-e', JSON.stringify({node: master, work})))
  t.is(await onHost(lab, master, 'cat /run/worked'), '1\nFAULT\n', 'it was out of service meanwhile')
  t.is(await settled(t), otherOf(master), 'the other one has the traffic, and this one could take it')
  t.is(await onHost(lab, master, 'ls /run/gatewright/bgp/drain* /run/gatewright/*drain* 2>/dev/null; :'), '')
})

test.serial('work that fails leaves the gateway out of service, and a second run takes it back', async t => {
  t.timeout(400_000)
  const standby = otherOf(await settled(t))
  const failed = await play('maintenance', '-e', JSON.stringify({node: standby, work: 'exit 9', drain_seconds: 0}))
  t.is(failed.code, 3)
  t.is((await stateOf(standby)).trim(), 'FAULT')
  const again = await play('maintenance', '-e', JSON.stringify({node: standby, drain_seconds: 0}))
  t.is(again.code, 0, again.stderr)
  t.is(otherOf(await settled(t)), standby)
})

test.serial('a newer package is installed on the standby first, then on the other one', async t => {
  t.timeout(600_000)
  const master = await settled(t)
  const [version = ''] = await Promise.all(gateways.map(host => offerNewer(lab, host, 'keepalived')))
  const {events} = await unnoticed(t, () => play('upgrade', '-e', '{upgrade: [keepalived]}'))
  const done = eventsOf(events, 'item-end').flatMap(({host, item}) =>
    item.kind === 'package' && item.verdict === 'changed' ? [host] : [],
  )
  t.deepEqual(done, [otherOf(master), master])
  for (const host of gateways) t.is(await onHost(lab, host, "dpkg-query -W -f '${Version}' keepalived"), version)
  t.is(await settled(t), otherOf(master), 'the addresses have moved once')
  const second = await gatewright('check', join(root, 'playbooks/site.yml'), '-i', inventory, '--json', '-e', variables)
  t.is(second.code, 0, second.stderr)
})
