import test from 'ava'
import '../../../src/resolve.ts'
import {defaults, fleet, key, someReceivers, withZabbix} from './example.ts'
import {promtoolTests} from './promtool.ts'
import {ruleCases, well} from './rule-cases.ts'

const {ownMetrics} = await import('../collectors.ts')
const {checksConf} = await import('../checks/conf.ts')
const {checkProgramText} = await import('../checks/program.ts')
const {alertNames} = await import('../rules/names.ts')
const {ruleGroups} = await import('../rules/index.ts')
const {alertmanagerYml} = await import('../templates/alertmanager-yml.ts')
const {collectScript} = await import('../templates/collect-script.ts')
const {blackboxYml, prometheusYml} = await import('../templates/prometheus-yml.ts')
const {rulesYml} = await import('../templates/rules-yml.ts')
const {collectUnit, patientUnit, timer} = await import('../templates/units.ts')
const {vrrpHook} = await import('../templates/vrrp-hook.ts')
const {watchedHosts} = await import('../watched.ts')
const {default: role} = await import('../role.ts')

const facts = {cpu: {count: 2, model: 'any', aes: true}, memory: {totalMiB: 4096, availableMiB: 4096}}
const hosts = watchedHosts(fleet)
const groups = ruleGroups(hosts, defaults)
const rules = groups.flatMap(group => group.rules)

test('Prometheus: targets, alerts and probes', t => {
  t.snapshot(prometheusYml({hosts, own: '10.9.0.9', vars: defaults}))
  t.snapshot(rulesYml(groups))
  t.snapshot(blackboxYml)
})

test('Alertmanager: nobody, and by site and severity', t => {
  t.snapshot(alertmanagerYml(defaults))
  t.snapshot(alertmanagerYml({...defaults, ...someReceivers}))
})

test('what collects', t => {
  t.snapshot(collectScript)
  for (const {name, program} of ownMetrics) t.snapshot(program, name)
  t.snapshot(checksConf(defaults.checks, hosts[0]?.ways ?? []), 'checks and their ways')
  t.snapshot(checkProgramText, 'the program of the checks')
  t.snapshot([collectUnit, timer('fast', 10), patientUnit, vrrpHook].join('\n'))
})

test('each alert has cases in which promtool sees it quiet, pending and firing; the watchdog always fires', t => {
  const names = new Set(rules.map(({alert}) => alert))
  t.deepEqual([...names].toSorted(), [...alertNames])
  names.delete('Watchdog')
  t.deepEqual([...names].toSorted(), [...new Set(ruleCases.map(({alert}) => alert))].toSorted())
  t.true(promtoolTests('rules.yml', rules, well, ruleCases).includes('SplitBrain'))
})

test('what moves with the master is watched once for the pair, and each neighbour on each gateway', t => {
  const of = (alert: string) => rules.filter(rule => rule.alert === alert).map(({labels}) => labels)
  t.is(of('BgpDown').length, 4)
  t.deepEqual(
    of('TunnelDown').filter(labels => labels?.['tunnel'] === 'wg1'),
    [{pair: 'office', site: 'fra', tunnel: 'wg1', peer: 'branch'}],
  )
})

test('an alert waits as long as the site says', t => {
  const waits = (wait: Record<string, number>): (number | undefined)[] =>
    ruleGroups(hosts, {...defaults, wait})
      .flatMap(group => group.rules)
      .filter(({alert}) => ['NoMaster', 'Headroom'].includes(alert))
      .map(({forSeconds}) => forSeconds)
  t.deepEqual(waits({}), [15, 600, 600])
  t.deepEqual(waits({Headroom: 5}), [15, 5, 5])
})

test('the same files on every run; every package that is installed is declared; a gateway has no server', t => {
  const context = {vars: defaults, facts, peers: [], offers: [], fleet}
  const [gw1] = fleet
  const monitor = withZabbix[2]
  if (!gw1 || !monitor) return t.fail()
  const packagesOf = (host: typeof gw1) =>
    role
      .resources({
        ...context,
        vars: {...defaults, zabbix: true, zabbix_password: key},
        fleet: host === monitor ? withZabbix : fleet,
        host,
      })
      .flatMap(({kind, desired}) => (kind.name === 'package' ? desired.names : []))
  t.deepEqual(packagesOf(gw1), ['prometheus-node-exporter', 'prometheus-frr-exporter', 'curl', 'fping'])
  t.deepEqual([...new Set([...packagesOf(gw1), ...packagesOf(monitor)])], role.packages)
  const files = role
    .resources({...context, host: gw1})
    .flatMap(({kind, desired}) => (kind.name === 'file' ? [desired.path] : []))
  t.true(files.includes('/etc/gatewright/monitoring/slow/certificates'))
  t.false(files.some(path => path.startsWith('/etc/prometheus')))
})
