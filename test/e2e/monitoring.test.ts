// Who watches a pair with every role and two tunnels sees each fault, through to Alertmanager's API, and its end.
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {labExec, type Topology} from '../../lab/index.ts'
import {defaults, fleet, someReceivers} from '../../roles/monitoring/test/example.ts'
import {promtoolTests} from '../../roles/monitoring/test/promtool.ts'
import {ruleCases, well} from '../../roles/monitoring/test/rule-cases.ts'
import {alertsOf, type Labels, patience} from '../support/alerts.ts'
import {byBgp, startConcentrator} from '../support/concentrator.ts'
import {type DualTunnelSite, dualTunnelSite} from '../support/dual-tunnel.ts'
import {eventsOf, type Finished, root, start} from '../support/gatewright.ts'
import {monitoringFaults, startServices} from '../support/monitoring-faults.ts'
import {full, labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {writtenDuring} from '../support/written-during.ts'

const {ruleGroups} = await import('../../roles/monitoring/rules/index.ts')
const {alertmanagerYml} = await import('../../roles/monitoring/templates/alertmanager-yml.ts')
const {rulesYml} = await import('../../roles/monitoring/templates/rules-yml.ts')
const {watchedHosts} = await import('../../roles/monitoring/watched.ts')

const project = join(root, 'test/fixtures/monitoring')
const playbook = join(project, 'playbooks/site.yml')
/** The shipped one, by a link, with the roles of this site. */
const auditPlaybook = join(project, 'playbooks/audit.yml')
const gateways = ['gw1', 'gw2'] as const
type Gateway = (typeof gateways)[number]
const prometheus = 'http://10.10.254.4:9090'
let lab: Topology
const alerts = alertsOf(() => lab, 'upstream', 'http://10.10.254.4:9093')
let site: DualTunnelSite
const undo: (() => unknown)[] = []
const on = (host: string, script: string, timeoutMs = 120_000): Promise<string> => onHost(lab, host, script, timeoutMs)
const withSite = (...args: string[]): Promise<Finished> => {
  const inventories = [...site.inventories, join(root, 'inventory/monitors'), join(project, 'inventory')].flatMap(
    each => ['-i', each],
  )
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
  await startServices(lab)
})
test.after.always(async () => {
  for (const each of undo) await each()
})

const ask = async (query: string): Promise<string[]> =>
  (await on('upstream', `promtool query instant ${prometheus} '${query}'`)).split('\n').filter(Boolean)
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

test.serial('amtool accepts who is told, and each alert goes where it should', async t => {
  t.timeout(600_000)
  const rules = ruleGroups(watchedHosts(fleet), defaults).flatMap(group => group.rules)
  const kinds = [...new Set(rules.map(({alert, severity}) => `${alert} ${severity}`))]
  t.true(kinds.length > 30)
  const goes = (alert: string, severity: string, place: string, receiver: string): string =>
    `amtool config routes test --config.file=some.yml --verify.receivers='${receiver}' alertname=${alert} severity=${severity} ${place}`
  const onCall = (severity: string): string => (severity === 'critical' ? 'on call' : 'mail')
  const script = [
    'cd /tmp/rules && amtool check-config some.yml && amtool check-config none.yml',
    ...kinds.map(kind => {
      const [alert = '', severity = ''] = kind.split(' ')
      return goes(alert, severity, 'site=fra pair=office', alert === 'Watchdog' ? 'watchdog' : onCall(severity))
    }),
    // The site's name has a dot, which means itself.
    goes('NoMaster', 'critical', 'site=le.j', 'on call'),
    goes('NoMaster', 'critical', 'site=lexj', 'mail'),
    'amtool config routes test --config.file=none.yml --verify.receivers=nobody alertname=NoMaster severity=critical',
  ]
  for (const [name, input] of [
    ['some', alertmanagerYml({...defaults, ...someReceivers})],
    ['none', alertmanagerYml(defaults)],
  ] as const)
    await labExec(lab, 'upstream', `mkdir -p /tmp/rules; cat >/tmp/rules/${name}.yml`, {input})
  t.regex(await on('upstream', script.join(' &&\n')), /Found:(.|\n)* 4 receivers/)
})

test.serial('every target answers, through the packet filter, and no collector fails', async t => {
  t.timeout(600_000)
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
  // A busy machine misses a scrape now and then.
  for (const metric of metrics) t.true(await until(async () => (await ask(metric)).length === 2, patience), metric)
})

test.serial('checks are answered over each uplink and each tunnel', async t => {
  t.timeout(600_000)
  const reached = async () => (await ask('gatewright_check_up == 1')).length
  // shop, orders and names over two ways each, site over whichever leads there.
  t.true(await until(async () => (await reached()) >= 2 * 8, patience), (await ask('gatewright_check_up')).join('\n'))
  for (const [check, ...ways] of [
    ['shop', 'wan-a', 'wan-b'],
    ['orders', 'tun0', 'wg0'],
    ['names', 'tun0', 'wg0'],
    ['site', 'tun0', 'wan-a', 'wan-b', 'wg0'],
  ] as const)
    for (const via of ways) {
      const query = `gatewright_check_up{check="${check}",via="${via}"}`
      t.true(await until(async () => (await ask(query)).length === 2, patience), query)
    }
})

/** Runs check mode on everything, and tells monitoring what it found. */
const noteDrift = async (t: ExecutionContext): Promise<number> => {
  const checked = await withSite('check', playbook)
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-drift-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const path = join(directory, 'check.json')
  writeFileSync(path, checked.stdout)
  const noted = await withSite(
    'play',
    join(project, 'playbooks/drift.yml'),
    '-e',
    `check=${path}`,
    '-e',
    'hosts=gateways:monitors',
    '--force-sick',
    'a note is no change of the gateway',
  )
  t.is(noted.code, 0, noted.stderr)
  return checked.code
}

test.serial('faults of the standby are told, all at once, and end', async t => {
  t.timeout(1_200_000)
  const host = await standby(t)
  const all = monitoringFaults(lab, site, host)
  const wanted = all.flatMap(each => each.alerts)
  await alerts.resolve(t, wanted)
  const collectors = '/usr/local/lib/gatewright/monitoring-collect'
  await on(host, `echo '# by hand' >>${collectors}`)
  t.is(await noteDrift(t), 2)
  const causedAt = new Map<Labels, number>()
  try {
    await Promise.all(
      all.map(async each => {
        for (const labels of each.alerts) causedAt.set(labels, performance.now())
        await each.inject()
      }),
    )
    // Nobody has passed a drill yet. The watchdog always fires.
    const others = [{alertname: 'Drift', host}, {alertname: 'DrillOverdue', pair: 'lab'}, {alertname: 'Watchdog'}]
    await alerts.fire(t, [...wanted, ...others], causedAt)
    const ways = (await alerts.now()).filter(({alertname}) => alertname === 'CheckFailsOnWay')
    t.false(
      ways.some(({check}) => check === 'shop'),
      'what is reached by no way is not told of each way again',
    )
    // Each check takes the way that it says: what is wrong with one tunnel is wrong with the checks over that one alone.
    if (!full) t.false(ways.some(({host: of, via}) => of === host && via === 'wg0'))
  } finally {
    await Promise.all(all.map(each => each.heal()))
  }
  await alerts.resolve(t, wanted)
  await task(t, 'gateways', 'drill-passed')
  await on(host, `sed -i '$d' ${collectors}`)
  t.is(await noteDrift(t), 0)
  await alerts.resolve(t, [{alertname: 'DrillOverdue'}, {alertname: 'Drift'}])
  const status = await withSite('status', 'gateways')
  t.regex(status.stdout, /gatewright_drift_checked_seconds/)
})

test.serial('no master, and then two of them', async t => {
  t.timeout(900_000)
  await standby(t)
  const maintenance = (value: number) =>
    Promise.all(gateways.map(host => on(host, `echo ${value} >/etc/keepalived/maintenance`)))
  await maintenance(1)
  await alerts.fire(t, [{alertname: 'NoMaster', vrid: '110'}])
  await maintenance(0)
  await alerts.resolve(t, [{alertname: 'NoMaster'}])
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
  await alerts.fire(t, [{alertname: 'SplitBrain', vrid: '110'}])
  // Who follows begins with the state that it finds.
  await on(
    host,
    'systemctl stop false-state; cp /run/true-state /run/gatewright/vrrp/state; systemctl start gatewright-vrrp',
  )
  await alerts.resolve(t, [{alertname: 'SplitBrain'}])
})

test.serial('a silence hides the pair and ends; a test alert goes to who is on call', async t => {
  t.timeout(600_000)
  const routed = await task(t, 'upstream', 'test-alert', 'severity=critical', 'pair=lab')
  t.regex(routed, /goes to on call/)
  await alerts.fire(t, [{alertname: 'TestAlert'}])
  const said = await task(t, 'upstream', 'silence', 'pair=lab', 'minutes=30', 'reason="a test of silences"')
  const [, id = ''] = /: ([0-9a-f-]{36})/.exec(said) ?? []
  t.true(await until(async () => (await alerts.missing([{alertname: 'TestAlert'}])).length === 1, patience))
  await task(t, 'upstream', 'silence', `end=${id}`)
  await alerts.fire(t, [{alertname: 'TestAlert'}])
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
