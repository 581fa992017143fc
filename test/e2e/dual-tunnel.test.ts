// A pair with every role and two tunnels: WireGuard over one uplink, OpenVPN over the other. A policy of mwan leads to one network
// behind both, BGP and BFD in the tunnels to another one.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test, {type ExecutionContext} from 'ava'
import {kill, labExec, type Topology, up} from '../../lab/index.ts'
import type {Status} from '../../roles/mwan/status.ts'
import type {DrillResult} from '../../src/drill/model.ts'
import {byBgp, byPolicy, startConcentrator} from '../support/concentrator.ts'
import {
  auditPlaybook,
  type DualTunnelSite,
  drillPlaybook,
  dualTunnelSite,
  playbook,
  project,
} from '../support/dual-tunnel.ts'
import {eventsOf, type Finished, start} from '../support/gatewright.ts'
import {type Outage, startProbe} from '../support/probe.ts'
import {startSessions} from '../support/sessions.ts'
import {hear, silence} from '../support/silence.ts'
import {fresh, full, labUp, onHost} from '../support/site.ts'
import {sayOutage, saySessions} from '../support/traffic.ts'
import {until} from '../support/until.ts'
import {writtenDuring} from '../support/written-during.ts'

const gateways = ['gw1', 'gw2'] as const
type Gateway = (typeof gateways)[number]
/** What the mission allows, from the last echo to the next. */
const ceilingMs = 10_000
const policy = {from: 'client', to: 'upstream', address: byPolicy, source: '10.10.0.100', port: 9020}
const bgp = {from: 'client', to: 'upstream', address: byBgp, source: '203.0.113.200', port: 9021}

let lab: Topology
let site: DualTunnelSite
const undo: (() => unknown)[] = []
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)
const startSite = (args: readonly string[], onEvent?: Parameters<typeof start>[1]) => {
  const inventories = site.inventories.flatMap(each => ['-i', each])
  const vault = ['--vault-password-file', site.pki.passwordFile]
  return start([...args, ...inventories, ...vault, '--json'], onEvent, project)
}
const withSite = (...args: string[]): Promise<Finished> => startSite(args).finished
const play = () => withSite('play', playbook)

/** What a test that fails leaves running. */
const running = new Set<{stop(): Promise<unknown>}>()
const kept = async <Each extends {stop(): Promise<unknown>}>(starting: Promise<Each>): Promise<Each> => {
  const each = await starting
  running.add(each)
  return each
}
const sessionsOnBoth = () =>
  Promise.all([policy, bgp].map(flow => kept(startSessions(lab, {...flow, port: 7}, {count: 10}))))
test.afterEach.always(async () => {
  await Promise.allSettled([...running].map(each => each.stop()))
  running.clear()
})

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  site = await dualTunnelSite({teardown: each => void undo.push(each)})
  await startConcentrator(lab, site.pki)
})
test.after.always(async () => {
  await hear(lab, 'upstream', 'wan-a')
  await up(lab)
  await fresh(lab, ...gateways, 'upstream')
  for (const each of undo) await each()
})

const statusOf = async (host: Gateway): Promise<Status['uplinks']> => {
  const {stdout} = await labExec(lab, host, 'cat /run/gatewright/mwan/state.json')
  return stdout === '' ? [] : (JSON.parse(stdout) as Status).uplinks
}
const stateOf = async (host: Gateway, uplink: string): Promise<string | undefined> =>
  (await statusOf(host)).find(({name}) => name === uplink)?.state
/** By which device a gateway sends to the network that BGP knows. */
const wayOf = async (host: Gateway): Promise<string | undefined> =>
  / dev (\S+)/.exec(await on(host, `ip route get ${byBgp}; :`))?.[1]
/** Providers in both families, the other gateway, and one in each tunnel. */
const sessionsSeenByBfd = 7
const isWell = async (host: Gateway): Promise<boolean> => {
  const uplinks = await statusOf(host)
  const bfd = (await on(host, "vtysh -c 'show bfd peers json' 2>/dev/null; :")).match(/"status":"up"/g) ?? []
  return (
    uplinks.some(({name}) => name === 'vpn-b') &&
    uplinks.every(({state}) => state === 'up') &&
    bfd.length >= sessionsSeenByBfd &&
    (await wayOf(host)) === 'wg0'
  )
}
const masterOf = async (): Promise<Gateway | undefined> => {
  const states = await Promise.all(gateways.map(host => on(host, 'cat /run/gatewright/vrrp/state 2>/dev/null; :')))
  const masters = gateways.filter((_, index) => states[index]?.includes('MASTER'))
  return masters.length === 1 ? masters[0] : undefined
}
/** For who reads a failure. */
const whatIs = async (): Promise<string> => {
  const each = gateways.map(host =>
    on(
      host,
      `hostname; cat /run/gatewright/vrrp/state /run/gatewright/mwan/state.json; ip -br address; wg show; ip route get ${byBgp}
vtysh -c 'show bgp summary' -c 'show bfd peers brief'; journalctl -u openvpn-client@hub -n 5 --no-pager -o cat; :`,
    ),
  )
  return (await Promise.all(each)).join('\n')
}
/** One gateway is master, and all tunnels of both are up. */
const settled = async (t: ExecutionContext): Promise<Gateway> => {
  const isSettled = async () =>
    (await masterOf()) !== undefined && (await Promise.all(gateways.map(isWell))).every(Boolean)
  const reached = await until(isSettled, {withinMs: 90_000, everyMs: 500})
  t.true(reached, reached ? '' : await whatIs())
  return (await masterOf()) ?? 'gw1'
}

/** What two probes see, one on each way, while something happens. */
const outagesOf = async (event: () => Promise<unknown>): Promise<{policy: Outage; bgp: Outage}> => {
  const probes = await Promise.all([kept(startProbe(lab, policy)), kept(startProbe(lab, bgp))])
  await sleep(1500)
  await event()
  await sleep(1500)
  const [one, other] = await Promise.all([probes[0].stop(), probes[1].stop()])
  return {policy: one, bgp: other}
}

test.serial(
  'every role converges in one run on both gateways and the far end, and a second run changes nothing',
  async t => {
    t.timeout(900_000)
    const started = performance.now()
    const first = await play()
    const failed = eventsOf(first.events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)
    t.is(first.code, 0, [first.stderr, ...failed].join('\n'))
    t.log(`${((performance.now() - started) / 1000).toFixed(0)} s for two fresh gateways and the concentrator`)
    await settled(t)
    const second = await play()
    t.deepEqual(
      eventsOf(second.events, 'summary').flatMap(({hosts}) =>
        hosts.map(({host, status, counts}) => [host, status, counts.changed]),
      ),
      [...gateways, 'upstream'].map(host => [host, 'ok', 0]),
      second.stderr,
    )
  },
)

const upsOf = async (host: Gateway, since: string): Promise<number> =>
  [...(await on(host, `journalctl -u gatewright-mwan -o cat --after-cursor='${since}'`)).matchAll(/^vpn-a\/4 is up,/gm)]
    .length

test.serial(
  'WireGuard is dropped silently: traffic moves to OpenVPN and returns once, and sessions inside survive',
  async t => {
    t.timeout(300_000)
    const master = await settled(t)
    const mark = (await on(master, "journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'")).trim()
    const sessions = await sessionsOnBoth()
    const moved = await outagesOf(async () => {
      await silence(lab, 'upstream', 'wan-a', {match: 'udp dport 51821-51822'})
      t.true(await until(async () => (await stateOf(master, 'vpn-a')) === 'down'), 'mwan')
      t.true(await until(async () => (await wayOf(master)) !== 'wg0'), 'BFD')
    })
    t.log(`moved, by policy: ${sayOutage(moved.policy)}; goal 3 s`)
    t.log(`moved, by BGP and BFD: ${sayOutage(moved.bgp)}; goal 1 s`)
    t.is(await wayOf(master), 'tun0')
    const back = await outagesOf(async () => {
      await hear(lab, 'upstream', 'wan-a')
      await settled(t)
    })
    t.log(`returned, by policy: ${sayOutage(back.policy)}`)
    t.log(`returned, by BGP: ${sayOutage(back.bgp)}`)
    const reports = await Promise.all(sessions.map(each => each.stop()))
    for (const report of reports) t.log(saySessions(report))
    t.true([moved, back].every(each => each.policy.gapMs < ceilingMs && each.bgp.gapMs < ceilingMs))
    t.deepEqual(
      reports.map(({survived}) => survived),
      [10, 10],
    )
    t.is(await upsOf(master, mark), 1, 'it returned once')
  },
)

const other = (gateway: Gateway): Gateway => (gateway === 'gw1' ? 'gw2' : 'gw1')

for (const [title, event, mend] of [
  [
    'a planned switch',
    async () => {
      const {code, stderr} = await withSite('task', 'gateways', 'vrrp.switchover', '--become')
      if (code !== 0) throw new Error(stderr)
    },
    () => Promise.resolve(),
  ],
  ["the master's power", (master: Gateway) => kill(lab, master), () => up(lab)],
] as const)
  test.serial(`the other gateway carries on with both networks: ${title}`, async t => {
    t.timeout(300_000)
    const master = await settled(t)
    const sessions = await sessionsOnBoth()
    const outages = await outagesOf(async () => {
      await event(master)
      t.true(
        await until(async () => (await on(other(master), 'cat /run/gatewright/vrrp/state')).includes('MASTER')),
        'the other gateway takes over',
      )
    })
    t.log(`${title}, by policy: ${sayOutage(outages.policy)}`)
    t.log(`${title}, a key of its own on each, BGP and BFD: ${sayOutage(outages.bgp)}; goal 1 s`)
    const reports = await Promise.all(sessions.map(each => each.stop()))
    for (const report of reports) t.log(saySessions(report))
    t.true(outages.policy.gapMs < ceilingMs && outages.bgp.gapMs < ceilingMs)
    t.deepEqual(
      reports.map(({survived}) => survived),
      [10, 10],
    )
    await mend()
    await settled(t)
  })

const aboutTunnels = ['certificates', 'file-permissions', 'tunnel-encryption', 'tunnel-logs', 'tunnels']

test.serial(
  'an audit of every role passes what is about tunnels, finds a foreign mode, and writes nothing',
  async t => {
    t.timeout(300_000)
    await settled(t)
    const report = mkdtempSync(join(tmpdir(), 'gatewright-tunnel-audit-'))
    t.teardown(() => rmSync(report, {recursive: true}))
    const audit = async () => {
      const run = await withSite('audit', auditPlaybook, '--report', report)
      const records = eventsOf(run.events, 'audit-end')[0]?.result.records ?? []
      const of = (verdict: string): string[] =>
        records
          .filter(each => each.verdict === verdict)
          .map(({host, control}) => `${host} ${control}`)
          .toSorted()
      return {
        of,
        said: [
          run.stderr,
          ...records.map(each => `${each.host} ${each.control} ${each.verdict}: ${each.because.join('; ')}`),
        ],
      }
    }
    let first: Awaited<ReturnType<typeof audit>> | undefined
    const written = await writtenDuring(lab, gateways, async () => {
      first = await audit()
    })
    t.deepEqual(written, [])
    const expected = gateways.flatMap(host => aboutTunnels.map(control => `${host} ${control}`))
    t.deepEqual(
      expected.filter(each => !first?.of('pass').includes(each)),
      [],
      first?.said.join('\n'),
    )
    await on('gw1', 'chmod 0644 /etc/wireguard/wg0.conf')
    const second = await audit()
    t.deepEqual(
      second.of('fail').filter(each => !first?.of('fail').includes(each)),
      ['gw1 file-permissions', 'gw1 tunnels'],
      second.said.join('\n'),
    )
    await on('gw1', 'chmod 0600 /etc/wireguard/wg0.conf')
  },
)

/** Both ways into the tunnels, and the one past them that must not suffer. */
const drillVariables = JSON.stringify({
  drill_paths: {
    nat: {from: 'client', to: 'upstream', address: '203.0.113.10', flows: 4, sessions: 20},
    policy: {...policy, sessions: 10, tunnel: true, outage: 10},
    bgp: {...bgp, tunnel: true, outage: 10},
  },
  drill_nat_paths: ['nat'],
  drill_tunnels: {wireguard: 'wg0', openvpn: 'hub'},
})
const drillScenarios = ['wireguard-tunnel', 'openvpn-tunnel', 'concentrator-gone']

test.serial('the drill drops each tunnel and the far end of both: flows move, and everything comes back', async t => {
  t.timeout(600_000)
  await settled(t)
  const report = mkdtempSync(join(tmpdir(), 'gatewright-tunnel-drill-'))
  t.teardown(() => rmSync(report, {recursive: true}))
  const wanted = (full ? drillScenarios : ['wireguard-tunnel', 'concentrator-gone']).flatMap(id => ['--scenario', id])
  const run = await withSite('drill', drillPlaybook, '--report', report, '-e', drillVariables, ...wanted)
  const ends = eventsOf(run.events, 'scenario-end')
  t.is(run.code, 0, run.stderr + ends.map(({scenario, because}) => `${scenario}: ${because.join('; ')}`).join('\n'))
  const file = eventsOf(run.events, 'drill-end')[0]?.report.find(path => path.endsWith('.json')) ?? ''
  const result = JSON.parse(readFileSync(file, 'utf8')) as DrillResult
  for (const {id, paths} of result.scenarios)
    for (const {name, directions, sessions} of paths)
      t.log(
        `${id}, ${name}: silent ${directions.map(({way, gapMs, lost}) => `${way} ${gapMs.toFixed(0)} ms (${lost} lost)`).join(', ')}${sessions ? `, ${sessions.survived} of ${sessions.opened} sessions` : ''}`,
      )
  t.deepEqual(result.stateChanges, [])
  const gone = result.scenarios.find(({id}) => id === 'concentrator-gone')
  const gapsOf = (path: string): number[] =>
    gone?.paths.find(({name}) => name === path)?.directions.map(({gapMs}) => gapMs) ?? []
  // The policy lets nothing out by another way. Without a route of BGP the default one leads there, and here to the same machine.
  t.is(gapsOf('policy').length, 2)
  t.true(
    gapsOf('policy').every(gapMs => gapMs > 10_000),
    JSON.stringify(gone?.paths),
  )
  t.true(gapsOf('nat').every(gapMs => gapMs < 3000))
  const kinds = new Set(result.scenarios.flatMap(({events}) => events.map(({kind}) => kind)))
  t.true(
    ['uplink', 'BFD'].every(kind => kinds.has(kind)),
    [...kinds].join(),
  )
  await settled(t)
})

const faultsOfTunnels = async (): Promise<string> =>
  (await Promise.all(gateways.map(host => on(host, 'nft list tables | grep gatewright_drill; :')))).join('')

for (const scenario of full ? drillScenarios : ['concentrator-gone'])
  test.serial(`${scenario}: the engine is killed in the middle, and the tunnels come back without it`, async t => {
    t.timeout(300_000)
    await settled(t)
    const report = mkdtempSync(join(tmpdir(), 'gatewright-tunnel-drill-'))
    t.teardown(() => rmSync(report, {recursive: true}))
    const options = ['--report', report, '-e', drillVariables, '--scenario', scenario]
    const {finished} = startSite(['drill', drillPlaybook, ...options], (event, child) => {
      if (event.event === 'drill-phase' && event.scenario !== '') child.kill('SIGKILL')
    })
    t.is((await finished).signal, 'SIGKILL')
    t.not(await faultsOfTunnels(), '', 'something is broken')
    const killedMs = performance.now()
    t.true(await until(async () => (await faultsOfTunnels()) === '', {withinMs: 90_000, everyMs: 500}))
    t.log(`${scenario}: ended ${((performance.now() - killedMs) / 1000).toFixed(1)} s after the engine was killed`)
    await settled(t)
  })
