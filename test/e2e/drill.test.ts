// The drill on the lab: it passes on a whole pair, heals without its engine, and finds what is broken in a pair.
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {labExec, status, type Topology} from '../../lab/index.ts'
import type {DrillResult} from '../../src/drill/model.ts'
import {drillHtml} from '../../src/drill/report/html.ts'
import type {Event} from '../../src/events.ts'
import {eventsOf, type Finished, gatewright, root, start} from '../support/gatewright.ts'
import {full, inventory, labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {startUpstream} from '../support/upstream.ts'

const gateways = ['gw1', 'gw2'] as const
const playbook = join(root, 'playbooks/drill.yml')
// Uplinks come back within seconds and as often as they are broken here. Slow enough for a busy machine not to look like a dead
// line, quick enough for the ceilings.
const base = {
  mwan_hold: 10,
  mwan_window: 5,
  mwan_flaps: 100,
  mwan_probe_interval: 0.5,
  mwan_probe_timeout: 0.5,
  bgp_bfd_profiles: {wan: {interval: 700, multiplier: 3}, direct: {interval: 700, multiplier: 3}},
  bgp_bfd_limit: 4,
}
let lab: Topology
let reports: string
test.before(async t => {
  t.timeout(900_000)
  reports = mkdtempSync(join(tmpdir(), 'gatewright-drill-'))
  lab = await labUp()
  await startUpstream(lab)
  await apply(t, base)
})
test.after.always(() => rmSync(reports, {recursive: true, force: true}))

const apply = async (t: ExecutionContext, variables: object): Promise<void> => {
  const site = join(root, 'playbooks/site.yml')
  const run = await gatewright('play', site, '-i', inventory, '--json', '-e', JSON.stringify(variables))
  t.is(run.code, 0, run.stderr + run.stdout.slice(-2000))
}
const words = (scenarios: readonly string[], variables: object, ...more: string[]): string[] => [
  'drill',
  playbook,
  '-i',
  inventory,
  '--json',
  '--report',
  reports,
  '-e',
  JSON.stringify(variables),
  ...scenarios.flatMap(name => ['--scenario', name]),
  ...more,
]
const drill = (scenarios: readonly string[], variables: object = base): Promise<Finished> =>
  gatewright(...words(scenarios, variables))

const resultOf = ({events}: Finished): DrillResult => {
  const file = eventsOf(events, 'drill-end')[0]?.report.find(path => path.endsWith('.json'))
  return JSON.parse(readFileSync(file ?? '', 'utf8'))
}
const whatHappened = ({events, stderr}: Finished): string =>
  eventsOf(events, 'scenario-end')
    .map(({scenario, verdict, because}) => `${scenario} ${verdict}: ${because.join('; ')}`)
    .join('\n') + stderr

/** What is left of a drill: timers, stopped processes, tables, pulled cables, probes. */
const traces = async (): Promise<string[]> => {
  const {hosts} = await status(lab)
  const found: string[] = []
  for (const gateway of gateways) {
    if (hosts[gateway]?.state !== 'on') {
      found.push(`${gateway} is ${hosts[gateway]?.state}`)
      continue
    }
    for (const [link, {cut, degraded}] of Object.entries(hosts[gateway].links))
      if (cut || degraded) found.push(`${gateway} ${link} is not whole`)
    const {stdout} = await labExec(
      lab,
      gateway,
      `systemctl list-units --all --plain --no-legend 'gatewright-drill*' 'gatewright-bgp-silence*' 'gatewright-switchover*' | cut -d' ' -f1
for pid in $(pidof keepalived); do grep -l '^State:.*stopped' /proc/$pid/status; done
nft list tables | grep gatewright_drill; grep gatewright-drill /proc/mounts; chronyc -n sources 2>/dev/null | grep 127.0.0.1
[ "$(cat /etc/keepalived/maintenance)" = 0 ] || echo is in maintenance
for unit in keepalived conntrackd frr; do systemctl is-active --quiet $unit || echo $unit is not active; done`,
    )
    found.push(
      ...stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map(line => `${gateway} ${line}`),
    )
  }
  for (const probe of ['client', 'upstream']) {
    const {stdout} = await labExec(
      lab,
      probe,
      'for name in node fping; do pidof $name >/dev/null && echo $name; done; :',
    )
    found.push(
      ...stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map(name => `${probe} runs ${name}`),
    )
  }
  return found
}
const isWell = async (): Promise<boolean> => {
  const sessions = await Promise.all(
    gateways.map(async gateway => (await labExec(lab, gateway, "vtysh -c 'show bgp summary json'")).stdout),
  )
  if (sessions.some(text => text === '' || /"state":"(?!Established)/.test(text))) return false
  const states = await Promise.all(
    gateways.map(async gateway => (await labExec(lab, gateway, 'cat /run/gatewright/vrrp/state')).stdout),
  )
  return (
    states.filter(state => state.includes('"MASTER"')).length === 1 &&
    states.filter(state => state.includes('"BACKUP"')).length === 1
  )
}

test.serial('the plan names what would be done to whom, and changes nothing', async t => {
  const told = await gatewright(...words([], base, '--plan'))
  t.is(told.code, 0, told.stderr)
  const [plan] = eventsOf(told.events, 'drill-plan')
  const steps = plan?.scenarios ?? []
  t.true(steps.length >= 18)
  const step = (id: string) => steps.find(each => each.id === id)
  t.regex(step('hang')?.faults.join() ?? '', /^gw\d: keepalived stands still \(SIGSTOP\); for 18 s at most$/)
  t.regex(
    step('lan-cable')?.faults.join() ?? '',
    /^pull the cable of the link lan of gw\d \(`.*lab cut gw\d lan --for 18`\)$/,
  )
  t.deepEqual(await traces(), [])
  t.true(steps.every(({breaks, budgetMs}) => breaks !== '' && budgetMs > 0))
})

/** They are played where there are tunnels: e2e/dual-tunnel. */
const ofTunnels = ['wireguard-tunnel', 'openvpn-tunnel', 'concentrator-gone']
const chosen = ['planned-switch', 'crash', 'partition']
const rounds = full ? [1, 2, 3] : [1]

for (const round of rounds)
  test.serial(`round ${round}: a whole pair passes, and is afterwards as before`, async t => {
    t.timeout(2_400_000)
    const run = await drill(full ? [] : chosen)
    const result = resultOf(run)
    for (const {id, paths, counted, detectMs, repairMs} of result.scenarios)
      for (const {name, directions, sessions} of paths.filter(each => counted?.includes(each.name)))
        t.log(
          `${id}, ${name}: silent ${directions.map(({way, gapMs, lost, pauseMs}) => `${way} ${gapMs.toFixed(0)} ms (${lost} lost, own pause ${pauseMs.toFixed(0)} ms)`).join(', ')}${sessions ? `, ${sessions.survived} of ${sessions.opened} sessions` : ''}${detectMs === undefined ? '' : `, noticed after ${detectMs.toFixed(0)} ms`}${repairMs === undefined ? '' : `, repaired after ${repairMs.toFixed(0)} ms`}`,
        )
    t.deepEqual(result.stateChanges, [])
    t.is(run.code, 0, whatHappened(run))
    const leftOut = result.scenarios.filter(({verdict}) => verdict === 'left out')
    t.deepEqual(
      leftOut.map(({id}) => id),
      full ? ofTunnels : [],
    )
    t.true(
      leftOut.every(({because}) =>
        /^the (?:site has no role (?:wireguard|openvpn)|inventory says nothing for '\w+' of (?:wireguard|openvpn)\.lose)/.test(
          because.join(),
        ),
      ),
    )
    const played = result.scenarios.filter(each => !leftOut.includes(each))
    t.true(played.every(({verdict}) => verdict === 'passed'))
    t.true(played.every(({paths}) => paths.every(({directions}) => directions.every(({sent}) => sent > 200))))
    t.true(result.clockMs < 1000)
    t.deepEqual(await traces(), [])
    const html = eventsOf(run.events, 'drill-end')[0]?.report.find(path => path.endsWith('.html')) ?? ''
    t.is(readFileSync(html, 'utf8'), drillHtml(result), 'the page is made of the result alone')
    t.true(existsSync(html.replace(/html$/, 'xml')))
  })

/** Something of the scenario is broken at this moment; a switch is over when its task says so, and is killed before. */
const begun = (event: Event): boolean =>
  (event.event === 'drill-phase' && event.scenario !== '') ||
  (event.event === 'task-log' && event.message.includes('is in maintenance'))
/** All other scenarios of the playbook, in its order; the sample has one of each kind that ends a fault: fault task, hand, own timer. */
const scenarios = [...readFileSync(playbook, 'utf8').matchAll(/^ {6}- id: (\S+)$/gm)]
  .map(([, id = '']) => id)
  .filter(id => !ofTunnels.includes(id))
const killed = full ? scenarios : ['hang', 'lan-cable', 'bgp-session']
/** Faults that are there before the engine is killed, where it is not after the first one. */
const faultsBefore: Readonly<Record<string, number>> = {'both-uplinks': 2}
/** They break nothing that somebody would have to mend. */
const harmless = ['reload']

for (const scenario of killed)
  test.serial(`${scenario}: the engine is killed in the middle, and the lab heals without it`, async t => {
    t.timeout(300_000)
    t.true(await until(isWell, {withinMs: 60_000}), 'the pair was well')
    let faults = 0
    const {finished} = start(words([scenario], base), (event, child) => {
      if (begun(event) && ++faults === (faultsBefore[scenario] ?? 1)) child.kill('SIGKILL')
    })
    t.is((await finished).signal, 'SIGKILL')
    if (!harmless.includes(scenario)) t.notDeepEqual(await traces(), [], 'something is broken')
    const startMs = performance.now()
    t.true(
      await until(async () => (await traces()).length === 0, {withinMs: 90_000, everyMs: 500}),
      (await traces()).join(),
    )
    t.log(`healed ${((performance.now() - startMs) / 1000).toFixed(1)} s after the engine was killed`)
    t.true(await until(isWell, {withinMs: 60_000}), 'the pair is well again')
  })

test.serial('Ctrl-C in the middle heals at once', async t => {
  t.timeout(240_000)
  let isInterrupted = false
  const {finished} = start(words(['hang', 'partition'], base), (event, child) => {
    // Once: the second one ends at once, wherever the healing is.
    if (begun(event) && !isInterrupted) isInterrupted = child.kill('SIGINT')
  })
  const run = await finished
  t.is(run.code, 130, run.stderr)
  t.deepEqual(await traces(), [])
  const [hang, partition] = resultOf(run).scenarios
  t.deepEqual([hang?.verdict, partition?.verdict], ['not run', 'not run'])
  t.true(await until(isWell, {withinMs: 60_000}), 'the pair is well again')
})

test.serial('a sick pair is refused before anything is broken', async t => {
  t.timeout(240_000)
  await onHost(lab, 'gw2', 'systemctl stop conntrackd')
  const run = await drill(['hang'])
  await onHost(lab, 'gw2', 'systemctl start conntrackd; systemctl restart gatewright-vrrp-ready')
  t.is(run.code, 6, run.stderr)
  t.regex(
    JSON.stringify(eventsOf(run.events, 'host-failed')),
    /not fit for a drill: gw2 is sick: conntrackd: it is inactive/,
  )
  t.deepEqual(eventsOf(run.events, 'scenario-start'), [])
  t.true(await until(isWell, {withinMs: 60_000}), 'the pair is well again')
})

test.serial('production is not drilled without a window and the name of the pair', async t => {
  const vars = {...base, drill_lab: false}
  const without = await drill(['hang'], vars)
  t.is(without.code, 6)
  t.regex(JSON.stringify(without.events), /the inventory has no time in which lab may be drilled/)
  const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map(day => `${day} 00:00-24:00`)
  const unconfirmed = await drill(['hang'], {...vars, drill_window: days})
  t.is(unconfirmed.code, 6)
  t.regex(unconfirmed.stderr, /Type the name of the pair \(lab\) to begin/)
  t.regex(JSON.stringify(unconfirmed.events), /it was not confirmed/)
  t.deepEqual(await traces(), [])
})

/** A pair that is broken by variables, or by somebody who edited what the role has written (`edit`: arguments of sed(1)). */
type Broken = {
  readonly what: string
  readonly vars?: object
  readonly edit?: Partial<Record<(typeof gateways)[number], string>>
  readonly scenario: string
  readonly words: RegExp
}
const configuration = '/etc/keepalived/keepalived.conf'
/** Less than what is between the two gateways; keepalived tracks the device of an address as well. */
const tooLight = `-e 's/^        lan$/        lan weight -1/' -e '/ dev lan/s/$/ no_track/'`
const broken: readonly Broken[] = [
  {
    what: 'a wrong weight',
    edit: {gw1: tooLight, gw2: tooLight},
    scenario: 'lan-cable',
    words:
      /the traffic stayed on gw\d, .*'Netlink reports lan down', 'Changing effective priority from .* a weight that leaves it above the other gateway/,
  },
  {
    what: 'equal priorities',
    edit: {gw2: `-e 's/^    priority 150/    priority 200/' -e '/^        holder$/d'`},
    scenario: 'partition',
    words:
      /gw1: this gateway and 10\.10\.255\.3 have the same priority 200, .*: set vrrp_priority to 200 on the one and 150 on the other/,
  },
  {
    what: 'no conntrackd',
    vars: {vrrp_conntrack: false},
    scenario: 'lan-cable',
    words: /of 50 TCP sessions over 'nat' were lost.*look at conntrackd on both gateways/,
  },
  {
    what: 'slow VRRP',
    vars: {vrrp_advert_interval: 2, vrrp_failover_limit: 10},
    scenario: 'crash',
    words: /the path '\S+' .* was silent for \d+\.\d+ s, the budget is 3\.00 s/,
  },
  {
    what: 'a missing track',
    vars: {vrrp_track_links: ['lan']},
    scenario: 'wan-cable',
    words:
      /the traffic stayed on gw\d, where the fault was: keepalived of gw\d said nothing of it, so that what was broken is not tracked there/,
  },
]

const fails = async (t: ExecutionContext, {scenario, words: expected}: Broken, variables: object): Promise<void> => {
  const run = await drill([scenario], variables)
  t.is(run.code, 3, whatHappened(run))
  t.regex(whatHappened(run), expected)
  t.log(whatHappened(run))
  const junit = eventsOf(run.events, 'drill-end')[0]?.report.find(path => path.endsWith('.xml')) ?? ''
  t.regex(readFileSync(junit, 'utf8'), /<failure message="/)
  t.deepEqual(await traces(), [])
}

for (const each of full ? broken : broken.slice(0, 1))
  test.serial(`a pair with ${each.what} fails in ${each.scenario}, and the reason is told`, async t => {
    t.timeout(900_000)
    const edited = gateways.filter(gateway => each.edit?.[gateway] !== undefined)
    for (const gateway of edited)
      await onHost(
        lab,
        gateway,
        `cp -p ${configuration} /root && sed -i ${each.edit?.[gateway]} ${configuration} && ! cmp -s ${configuration} /root/keepalived.conf && systemctl reload keepalived`,
      )
    const variables = {...base, ...each.vars}
    if (each.vars) await apply(t, variables)
    t.true(await until(isWell, {withinMs: 60_000}), 'it looks as if it were well')
    await fails(t, each, variables)
    for (const gateway of edited)
      await onHost(lab, gateway, `mv /root/keepalived.conf ${configuration} && systemctl reload keepalived`)
    if (each.vars) await apply(t, base)
    t.true(await until(isWell, {withinMs: 60_000}), 'the pair is well again')
  })

test.serial('a wrong playbook is told before anything is reached', async t => {
  const file = join(reports, 'wrong.yml')
  writeFileSync(
    file,
    `- hosts: gateways
  become: true
  drill:
    paths: {nat: {from: gw1, to: upstream, address: 203.0.113.10}}
    scenarios:
      - {id: one, title: One, breaks: much, faults: [{task: vrrp.hangs}]}
      - {id: two, title: Two, breaks: much, faults: [{hand: cut, link: dmz}]}
`,
  )
  const told = async (...more: string[]): Promise<readonly string[]> => {
    const run = await gatewright('drill', file, '-i', inventory, '--json', ...more)
    t.is(run.code, 5)
    return eventsOf(run.events, 'diagnostic').map(({diagnostic: {what, at}}) => `${at?.line}: ${what}`)
  }
  t.deepEqual(await told(), [
    "4: the role 'vrrp' has no task 'hangs'",
    "4: the path 'nat' is measured on gw1, which is not in the group 'probes'",
    "7: 'two' is about the link 'dmz', which not every one of gw1, gw2 has",
  ])
  t.true((await told('--scenario', 'three')).includes("4: the drill has no scenario 'three'"))
})

const neighbors = [
  ['192.0.2.1', 64500, 'wan-a'],
  ['2001:db8:a::1', 64500, 'wan-a'],
  ['198.51.100.1', 64501, 'wan-b'],
  ['2001:db8:b::1', 64501, 'wan-b'],
].map(([address, asn, link]) => ({address, asn, link, class: 'transit', bfd: false}))

const withoutBfd: Broken = {
  what: 'BFD off',
  vars: {bgp_neighbors: neighbors},
  scenario: 'silent-uplink',
  words: /BFD did not notice the fault in the \d+\.\d+ s that it lasted, only .*BGP.* did: look whether it is on/,
}
// It is the last: with BFD again both gateways would be sick, and neither is changed while the other one is.
for (const each of full ? [withoutBfd] : [])
  test.serial(`a pair with ${each.what} fails in ${each.scenario}, though the hold time keeps the ceiling`, async t => {
    t.timeout(900_000)
    const variables = {...base, ...each.vars}
    await apply(t, variables)
    await fails(t, each, variables)
  })
