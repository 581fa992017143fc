// Who watches a pair with every role and two tunnels sees each fault, through to Alertmanager's API, and its end.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import {defaults, fleet} from '../../roles/monitoring/test/example.ts'
import {promtoolTests} from '../../roles/monitoring/test/promtool.ts'
import {ruleCases, well} from '../../roles/monitoring/test/rule-cases.ts'
import {byBgp, startConcentrator} from '../support/concentrator.ts'
import {type DualTunnelSite, dualTunnelSite} from '../support/dual-tunnel.ts'
import {eventsOf, type Finished, root, start} from '../support/gatewright.ts'
import {full, labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {writtenDuring} from '../support/written-during.ts'

const {ruleGroups} = await import('../../roles/monitoring/rules/index.ts')
const {rulesYml} = await import('../../roles/monitoring/templates/rules-yml.ts')
const {watchedHosts} = await import('../../roles/monitoring/watched.ts')

const project = join(root, 'test/fixtures/monitoring')
const playbook = join(project, 'playbooks/site.yml')
/** The shipped one, by a link, with the roles of this site. */
const auditPlaybook = join(project, 'playbooks/audit.yml')
const gateways = ['gw1', 'gw2'] as const
type Gateway = (typeof gateways)[number]
const prometheus = 'http://10.10.254.4:9090'
const alertmanager = 'http://10.10.254.4:9093'
/** Machines that are busy with other things are slow to notice. */
const patience = {withinMs: 240_000, everyMs: 2000}

let lab: Topology
let site: DualTunnelSite
const undo: (() => unknown)[] = []
const on = (host: string, script: string, timeoutMs = 120_000): Promise<string> => onHost(lab, host, script, timeoutMs)
const withSite = (...args: string[]): Promise<Finished> => {
  const inventories = [...site.inventories, join(project, 'inventory')].flatMap(each => ['-i', each])
  const vault = ['--vault-password-file', site.pki.passwordFile]
  return start([...args, ...inventories, ...vault, '--json'], undefined, project).finished
}
const play = () => withSite('play', playbook)
const task = async (t: ExecutionContext, hosts: string, name: string, ...args: string[]): Promise<string> => {
  const done = await withSite('task', hosts, `monitoring.${name}`, '--become', ...args.flatMap(each => ['-e', each]))
  t.is(done.code, 0, done.stderr || JSON.stringify(eventsOf(done.events, 'host-failed')))
  return JSON.stringify(eventsOf(done.events, 'item-end').map(({item}) => item))
}

test.before(async t => {
  t.timeout(600_000)
  lab = await labUp()
  site = await dualTunnelSite({teardown: each => void undo.push(each)})
  await startConcentrator(lab, site.pki)
})
test.after.always(async () => {
  for (const each of undo) await each()
})

type Labels = Readonly<Record<string, string>>
/** What Alertmanager would tell people now. */
const alerts = async (): Promise<readonly Labels[]> => {
  const found: {labels: Labels}[] = JSON.parse(
    await on('upstream', `amtool --alertmanager.url=${alertmanager} alert query -o json`),
  )
  return found.map(({labels}) => labels)
}
const holds = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value)
const missing = async (wanted: readonly Labels[]): Promise<readonly Labels[]> => {
  const found = await alerts()
  return wanted.filter(each => !found.some(labels => holds(labels, each)))
}
const fire = async (t: ExecutionContext, wanted: readonly Labels[]): Promise<void> => {
  const started = performance.now()
  const all = await until(async () => (await missing(wanted)).length === 0, patience)
  t.true(all, all ? '' : `not seen: ${JSON.stringify(await missing(wanted))}`)
  t.log(`${wanted.length} seen after ${((performance.now() - started) / 1000).toFixed(0)} s`)
}
const resolve = async (t: ExecutionContext, wanted: readonly Labels[]): Promise<void> => {
  const left = async () => {
    const gone = await missing(wanted)
    return wanted.filter(each => !gone.includes(each))
  }
  const all = await until(async () => (await left()).length === 0, patience)
  t.true(all, all ? '' : `still there: ${JSON.stringify(await left())}`)
}
const isMaster = async (host: Gateway): Promise<boolean> =>
  (await on(host, 'cat /run/gatewright/vrrp/state 2>/dev/null; :')).includes('MASTER')
const standby = async (t: ExecutionContext): Promise<Gateway> => {
  let masters: Gateway[] = []
  const isOne = async () => {
    const found = await Promise.all(gateways.map(isMaster))
    masters = gateways.filter((_, index) => found[index])
    return masters.length === 1
  }
  t.true(await until(isOne, patience), 'one gateway is master')
  return masters[0] === 'gw1' ? 'gw2' : 'gw1'
}

test.serial('one run converges on gateways and monitor, and a second one changes nothing', async t => {
  t.timeout(1_800_000)
  const started = performance.now()
  const first = await play()
  const failed = eventsOf(first.events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)
  t.is(first.code, 0, [first.stderr, ...failed].join('\n'))
  t.log(
    `${((performance.now() - started) / 1000).toFixed(0)} s for two gateways, the concentrator and who watches them`,
  )
  const second = await play()
  t.deepEqual(
    eventsOf(second.events, 'summary').flatMap(({hosts}) =>
      hosts.map(({host, status, counts}) => [host, status, counts.changed]),
    ),
    [...gateways, 'upstream'].map(host => [host, 'ok', 0]),
    second.stderr,
  )
})

test.serial('an audit of all roles finds the monitoring as it should be, and writes nothing', async t => {
  t.timeout(600_000)
  await standby(t)
  // Providers in both families, the other gateway, and one in each tunnel; routes follow them.
  const isSettled = async (host: Gateway) =>
    (await on(host, "vtysh -c 'show bfd peers json'; :")).match(/"status":"up"/g)?.length === 7 &&
    (await on(host, `ip route get ${byBgp}; :`)).includes(' dev wg0 ')
  t.true(
    await until(async () => (await Promise.all(gateways.map(isSettled))).every(Boolean), patience),
    'BGP has settled',
  )
  const report = mkdtempSync(join(tmpdir(), 'gatewright-monitoring-audit-'))
  t.teardown(() => rmSync(report, {recursive: true}))
  let run: Finished | undefined
  const written = await writtenDuring(lab, gateways, async () => {
    run = await withSite('audit', auditPlaybook, '--report', report)
  })
  // Timers start the collectors meanwhile.
  t.deepEqual(
    written.filter(line => !line.includes(' Id=gatewright-monitoring@')),
    [],
  )
  const records = eventsOf(run?.events ?? [], 'audit-end')[0]?.result.records ?? []
  t.deepEqual(
    records
      .filter(({control}) => control === 'monitoring')
      .map(({host, verdict, because}) => [host, verdict, ...because]),
    gateways.map(host => [host, 'pass']),
    run?.stderr,
  )
})

test.serial('promtool sees each alert quiet, pending and firing', async t => {
  t.timeout(600_000)
  const groups = ruleGroups(watchedHosts(fleet), defaults)
  const rules = groups.flatMap(group => group.rules)
  for (const [name, input] of [
    ['rules', rulesYml(groups)],
    ['tests', promtoolTests('rules.yml', rules, well, ruleCases)],
  ] as const)
    await labExec(lab, 'upstream', `mkdir -p /tmp/rules; cat >/tmp/rules/${name}.yml`, {input})
  const told = await on('upstream', 'cd /tmp/rules && promtool test rules tests.yml', 500_000)
  t.regex(told, /SUCCESS/)
})

test.serial('every target answers, through the packet filter, and no collector fails', async t => {
  t.timeout(600_000)
  const ask = async (query: string): Promise<string[]> =>
    (await on('upstream', `promtool query instant ${prometheus} '${query}'`)).split('\n').filter(Boolean)
  const allUp = async () => (await ask('up == 1')).length === 8 && (await ask('up == 0')).length === 0
  t.true(await until(allUp, patience), (await ask('up')).join('\n'))
  t.true(await until(async () => (await ask('probe_success == 1')).length === 1, patience), 'the probe is answered')
  t.true(await until(async () => (await ask('gatewright_collector_success == 0')).length === 0, patience))
  const metrics = [
    'gatewright_vrrp_state',
    'gatewright_conntrackd_ready',
    'gatewright_wireguard_handshake_seconds{host=~"gw."} > 0',
    'gatewright_openvpn_up',
    'gatewright_crl_until_seconds',
    'gatewright_nat_sessions',
    'gatewright_clock_offset_seconds',
    'frr_bfd_peer_state{peer="2001:db8:a::1"}',
    'frr_bgp_peer_state{peer="2001:db8:a::1"}',
  ]
  for (const metric of metrics) t.is((await ask(metric)).length, 2, metric)
})

/** What is done to the standby, and undone; alerts about it. */
const faults = (host: Gateway): Record<string, {inject: string; heal: string; on?: string; alerts: Labels[]}> => ({
  session: {
    inject: "vtysh -c 'configure terminal' -c 'router bgp 65010' -c 'neighbor 198.51.100.1 shutdown'",
    heal: "vtysh -c 'configure terminal' -c 'router bgp 65010' -c 'no neighbor 198.51.100.1 shutdown'",
    alerts: [{alertname: 'BgpDown', host, peer: '198.51.100.1'}],
  },
  tunnel: {
    on: 'upstream',
    inject: `nft 'add table inet fault; add chain inet fault in { type filter hook prerouting priority -300; }; add rule inet fault in udp dport ${host === 'gw1' ? 1194 : 1195} drop'`,
    heal: 'nft delete table inet fault',
    alerts: [{alertname: 'TunnelDown', host, tunnel: 'hub'}],
  },
  uplink: {
    inject: `nft 'add table inet fault; add chain inet fault in { type filter hook prerouting priority -300; }; add rule inet fault in iifname wan-a icmp type echo-reply drop'`,
    heal: 'nft delete table inet fault',
    alerts: [{alertname: 'UplinkDown', host, uplink: 'wan-a', family: 'ipv4'}],
  },
  list: {
    inject: 'cp /etc/openvpn/client/hub/crl.pem /root/crl.pem; cat >/etc/openvpn/client/hub/crl.pem',
    heal: 'cat /root/crl.pem >/etc/openvpn/client/hub/crl.pem',
    alerts: [{alertname: 'CrlExpiry', host}],
  },
  logs: {
    inject: "touch -d '1 year ago' /var/lib/gatewright-monitoring/since",
    heal: 'touch /var/lib/gatewright-monitoring/since',
    alerts: [{alertname: 'LogRetentionShort', host}],
  },
  collector: {
    on: 'upstream',
    inject: 'systemctl stop gatewright-monitoring-fast.timer',
    heal: 'systemctl start gatewright-monitoring-fast.timer',
    alerts: [{alertname: 'TextfileStale', host: 'upstream'}],
  },
})

test.serial('faults of the standby are told, all at once, and end', async t => {
  t.timeout(900_000)
  const host = await standby(t)
  const ending = readFileSync(join(site.pki.desk.place.directory, 'ending.pem'), 'utf8')
  const all = faults(host)
  const wanted = Object.values(all).flatMap(each => each.alerts)
  t.is((await missing(wanted)).length, wanted.length, 'none of them fires before')
  try {
    for (const [name, fault] of Object.entries(all))
      await on(fault.on ?? host, name === 'list' ? `${fault.inject} <<'END'\n${ending}END` : fault.inject)
    // Nobody has passed a drill yet.
    await fire(t, [...wanted, {alertname: 'DrillOverdue', pair: 'lab'}, {alertname: 'Watchdog'}])
  } finally {
    for (const fault of Object.values(all)) await on(fault.on ?? host, fault.heal)
  }
  await task(t, 'gateways', 'drill-passed')
  await resolve(t, [...wanted, {alertname: 'DrillOverdue'}])
})

test.serial('no master, and then two of them', async t => {
  t.timeout(900_000)
  await standby(t)
  const maintenance = (value: number) =>
    Promise.all(gateways.map(host => on(host, `echo ${value} >/etc/keepalived/maintenance`)))
  await maintenance(1)
  await fire(t, [{alertname: 'NoMaster', vrid: '110'}])
  await maintenance(0)
  await resolve(t, [{alertname: 'NoMaster'}])
  const host = await standby(t)
  // A standby that takes itself for the master: what the follower writes is all that anybody is told.
  await on(
    host,
    `systemctl stop gatewright-vrrp; cp /run/gatewright/vrrp/state /run/true-state
cat >/run/false-state <<'END'
while sleep 1; do
  echo '{"name":"gateway","state":"MASTER","since":1,"beat":'$(date +%s)'}' >/run/gatewright/vrrp/state
done
END
systemd-run -q --unit=false-state sh /run/false-state`,
  )
  await fire(t, [{alertname: 'SplitBrain', vrid: '110'}])
  // Who follows begins with the state that it finds.
  await on(
    host,
    'systemctl stop false-state; cp /run/true-state /run/gatewright/vrrp/state; systemctl start gatewright-vrrp',
  )
  await resolve(t, [{alertname: 'SplitBrain'}])
})

test.serial('a silence hides the pair and ends; a test alert goes to who is on call', async t => {
  t.timeout(600_000)
  const routed = await task(t, 'upstream', 'test-alert', 'severity=critical', 'pair=lab')
  t.regex(routed, /goes to on call/)
  await fire(t, [{alertname: 'TestAlert'}])
  const said = await task(t, 'upstream', 'silence', 'pair=lab', 'minutes=30', 'reason="a test of silences"')
  const [, id = ''] = /: ([0-9a-f-]{36})/.exec(said) ?? []
  t.true(await until(async () => (await missing([{alertname: 'TestAlert'}])).length === 1, patience))
  await task(t, 'upstream', 'silence', `end=${id}`)
  await fire(t, [{alertname: 'TestAlert'}])
  const endless = await withSite(
    'task',
    'upstream',
    'monitoring.silence',
    '--become',
    '-e',
    'pair=lab',
    '-e',
    'minutes=10000',
    '-e',
    'reason=x',
  )
  t.is(endless.code, 3)
})

if (full)
  test.serial('a WireGuard tunnel whose far end is silent is down, although its exporter answers', async t => {
    t.timeout(900_000)
    const host = await standby(t)
    const wanted = [{alertname: 'TunnelDown', host, tunnel: 'wg0'}]
    await on(
      'upstream',
      `nft 'add table inet fault; add chain inet fault in { type filter hook prerouting priority -300; }; add rule inet fault in udp dport ${host === 'gw1' ? 51821 : 51822} drop'`,
    )
    await fire(t, wanted)
    await on('upstream', 'nft delete table inet fault')
    await resolve(t, wanted)
  })
