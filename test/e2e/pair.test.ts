// Gates of a pair on real keepalived: an absent peer, the order, a sick peer, a change that makes a gateway sick.
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import type {Event} from '../../src/events.ts'
import {eventsOf, type Finished, gatewright} from '../support/gatewright.ts'
import {inventory, labUp, onHost, site} from '../support/site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const maintenanceFile = '/etc/keepalived/maintenance'
const play = (...more: string[]): Promise<Finished> => gatewright('play', site, '-i', inventory, '--json', ...more)

/** What a run found of the two before it changed anything. */
const found = ({events}: Finished): Readonly<Record<string, string>> =>
  Object.fromEntries(
    eventsOf(events, 'gate')
      .filter(({when}) => when === 'before')
      .map(({host, is, checks}) => [host, checks.some(({holds}) => holds) ? 'holds' : is]),
  )
/** Hosts in the order in which they were changed, and found healthy after it. */
const order = ({events}: Finished): string[] => {
  const told = events.flatMap((event: Event) => {
    if (event.event === 'item-start') return [`${event.host} changed`]
    return event.event === 'gate' && event.when === 'after' && event.is !== 'sick' ? [`${event.host} ${event.is}`] : []
  })
  return told.filter((line, index) => line !== told[index - 1])
}
/** Both have to be well before a test begins: conntrackd takes a moment to have the connections of its peer. */
const settled = async (): Promise<Readonly<Record<string, string>>> => {
  for (let attempt = 0; ; attempt++) {
    const states = found(await gatewright('check', site, '-i', inventory, '--json'))
    if (Object.values(states).toSorted().join(' ') === 'healthy holds') return states
    if (attempt === 20) throw new Error(`the pair is not well: ${JSON.stringify(states)}`)
  }
}
const standbyFirst = (t: ExecutionContext, run: Finished): string => {
  t.is(run.code, 0, run.stderr)
  const [holder = ''] = Object.entries(found(run)).find(([, is]) => is === 'holds') ?? []
  const standby = holder === 'gw1' ? 'gw2' : 'gw1'
  t.is(found(run)[standby], 'healthy')
  t.deepEqual(order(run), [`${standby} changed`, `${standby} healthy`, `${holder} changed`, `${holder} healthy`])
  return holder
}

test.serial('a gateway is provisioned while its peer is absent, and then the peer', async t => {
  const first = await play('--limit', 'gw1')
  t.is(first.code, 0, first.stderr)
  t.deepEqual(found(first), {gw1: 'absent', gw2: 'absent'})
  t.deepEqual(order(first), ['gw1 changed', 'gw1 healthy'])
  const second = await play()
  t.is(second.code, 0, second.stderr)
  t.deepEqual(found(second), {gw1: 'holds', gw2: 'absent'})
  t.deepEqual(order(second), ['gw2 changed', 'gw2 healthy'])
})

test.serial('the standby is changed before the one that holds the address, whoever that is', async t => {
  await settled()
  const holder = standbyFirst(t, await play('-e', '{vrrp_garp_refresh: 45}'))
  await settled()
  const moved = await gatewright('task', 'gateways', 'vrrp.switchover', '-b', '-i', inventory)
  t.is(moved.code, 0, moved.stdout + moved.stderr)
  await settled()
  t.not(standbyFirst(t, await play()), holder)
})

test.serial('nothing is changed while the peer is sick, unless the operator says why', async t => {
  await settled()
  await onHost(lab, 'gw2', 'systemctl stop keepalived')
  const refused = await play('--limit', 'gw1', '-e', '{vrrp_garp_refresh: 50}')
  t.is(refused.code, 6, refused.stderr)
  t.is(found(refused)['gw2'], 'sick')
  t.deepEqual(order(refused), [])
  t.is(eventsOf(refused.events, 'host-failed')[0]?.message, 'its peer gw2 is sick: keepalived: it is inactive')
  const forced = await play('--limit', 'gw1', '-e', '{vrrp_garp_refresh: 50}', '--force-sick', 'gw2 gets a new disk')
  t.is(forced.code, 0, forced.stderr)
  t.is(eventsOf(forced.events, 'summary')[0]?.forceSick, 'gw2 gets a new disk')
  const {stdout} = await labExec(lab, 'gw1', 'journalctl --quiet --identifier=gatewright --output=cat')
  t.regex(stdout, /^--force-sick gw2 gets a new disk: its peer gw2 is sick: keepalived: it is inactive/m)
  // The run over both repairs the sick one first.
  const repaired = await play()
  t.is(repaired.code, 0, repaired.stderr)
  t.deepEqual(order(repaired), ['gw2 changed', 'gw2 healthy', 'gw1 changed', 'gw1 healthy'])
})

test.serial('a change that makes the first gateway sick does not reach the second', async t => {
  const states = await settled()
  const standby = states['gw1'] === 'holds' ? 'gw2' : 'gw1'
  const directory = await mkdtemp(join(tmpdir(), 'gatewright-test-'))
  const harm = join(directory, 'harm.yml')
  await writeFile(harm, `- hosts: gateways\n  tasks:\n    - shell: 'sudo sh -c "echo 1 >${maintenanceFile}"'\n`)
  const run = await gatewright('play', harm, '-i', inventory, '--json', '-e', '{pair_settle_seconds: 3}')
  t.is(run.code, 3, run.stderr)
  const holder = standby === 'gw1' ? 'gw2' : 'gw1'
  const [failed, skipped] = eventsOf(run.events, 'host-failed')
  t.like(failed, {host: standby, status: 'failed'})
  t.regex(failed?.message ?? '', /^it is not healthy after its changes: keepalived: state FAULT/)
  t.like(skipped, {host: holder, status: 'skipped'})
  t.regex(skipped?.message ?? '', new RegExp(`^not started, because ${standby} is not healthy after its changes: `))
  t.is((await onHost(lab, holder, `cat ${maintenanceFile} 2>/dev/null || echo 0`)).trim(), '0')
  await onHost(lab, standby, `echo 0 >${maintenanceFile}`)
  await rm(directory, {recursive: true})
})
