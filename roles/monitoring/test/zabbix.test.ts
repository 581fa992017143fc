import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test from 'ava'
import '../../../src/resolve.ts'
import {defaults, fleet, key, withZabbix} from './example.ts'

const {textfiles} = await import('../places.ts')
const {metricsJson} = await import('../programs/metrics-json.ts')
const {lookPhp, settlePhp} = await import('../programs/zabbix-site.ts')
const {zabbixAgentConf} = await import('../templates/zabbix-agent-conf.ts')
const {frontendConf, nginxConf, phpPool} = await import('../templates/zabbix-frontend.ts')
const {databaseConf, zabbixServerConf} = await import('../templates/zabbix-server-conf.ts')
const {subjects} = await import('../zabbix/subjects.ts')
const {zabbixTemplate} = await import('../zabbix/template.ts')
const {thingsOf} = await import('../zabbix/things.ts')
const {default: role} = await import('../role.ts')
const {Secret} = await import('gatewright')

const facts = {cpu: {count: 2, model: 'any', aes: true}, memory: {totalMiB: 4096, availableMiB: 4096}}
const [gw1, , monitor] = withZabbix as [(typeof fleet)[0], (typeof fleet)[0], (typeof fleet)[0]]
const password = new Secret('correct horse battery')
const resourcesOf = (host: (typeof fleet)[0], zabbix: boolean) =>
  role.resources({
    vars: {...defaults, zabbix, zabbix_psk: key, zabbix_password: password},
    facts,
    peers: [],
    offers: host.offers,
    fleet: zabbix ? withZabbix : fleet,
    host,
  })

test('the agent: who may ask, and by which key', t => {
  t.snapshot(zabbixAgentConf({name: 'gw1', address: '10.9.0.2', identity: 'gw1', servers: ['10.9.0.9', '10.9.1.9']}))
  t.snapshot(metricsJson(10))
})

test('the server, its database and its frontend', t => {
  t.snapshot(zabbixServerConf(defaults))
  t.snapshot(databaseConf(128))
  t.snapshot(frontendConf("mon'itor"))
  t.snapshot(phpPool)
  t.snapshot(nginxConf)
  t.snapshot(lookPhp)
  t.snapshot(settlePhp)
})

test('the template: every name once, and each uuid of version 4', t => {
  const text = zabbixTemplate(defaults)
  t.snapshot(text)
  const uuids = [...text.matchAll(/uuid: '?([^'\n]*)/g)].map(([, uuid = '']) => uuid)
  t.true(uuids.length > 60)
  t.is(new Set(uuids).size, uuids.length)
  for (const uuid of uuids) t.regex(uuid, /^[0-9a-f]{12}4[0-9a-f]{3}8[0-9a-f]{15}$/)
})

test('what is discovered is in the answer of its subject', t => {
  for (const {name, subject, values} of thingsOf(defaults))
    for (const {metric} of values)
      t.true(
        subjects[subject].some(family => metric.startsWith(`${family}_`)),
        `${name}: ${metric}`,
      )
})

/** What the program of a host prints about textfiles. */
const answer = (files: Readonly<Record<string, string>>, names: string, ageSeconds = 0): unknown => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-json-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(directory, name), content)
      const time = Date.now() / 1000 - ageSeconds
      utimesSync(join(directory, name), time, time)
    }
    const script = metricsJson(10).replaceAll(textfiles, directory)
    return JSON.parse(execFileSync('/bin/sh', ['-c', script, 'monitoring-json', names], {encoding: 'utf8'}))
  } finally {
    rmSync(directory, {recursive: true})
  }
}

test('metrics as JSON: labels, escapes, numbers, and of the asked families alone', t => {
  const files = {
    'gatewright-fast-a.prom': String.raw`# HELP gatewright_check_up x
# TYPE gatewright_check_up gauge
gatewright_check_up{check="way \"in\", or {out}",via=""} 1
gatewright_checked_up 5
gatewright_openvpn_up{name="hub",side="client"} 0
`,
    'gatewright-slow-b.prom': 'gatewright_wireguard_handshake_seconds{name="wg0",peer="a\\\\b"} 1.7e+09\n',
    'node.prom': 'gatewright_check_up{check="other"} 1\n',
  }
  t.deepEqual(answer(files, 'check'), [
    {
      name: 'gatewright_check_up',
      id: 'way "in", or {out} ',
      labels: {check: 'way "in", or {out}', via: ''},
      value: '1',
    },
  ])
  t.deepEqual(answer(files, 'wireguard|openvpn'), [
    {name: 'gatewright_openvpn_up', id: 'hub client', labels: {name: 'hub', side: 'client'}, value: '0'},
    {
      name: 'gatewright_wireguard_handshake_seconds',
      id: String.raw`wg0 a\b`,
      labels: {name: 'wg0', peer: String.raw`a\b`},
      value: '1.7e+09',
    },
  ])
  t.deepEqual(answer({'gatewright-fast-a.prom': 'gatewright_nat_sessions 7\n'}, 'nat'), [
    {name: 'gatewright_nat_sessions', id: '', labels: {}, value: '7'},
  ])
})

test('old news is none, and nothing is an empty list', t => {
  t.deepEqual(answer({'gatewright-fast-a.prom': 'gatewright_bgp_up{name="x"} 1\n'}, 'bgp', 120), [])
  t.deepEqual(answer({}, 'bgp'), [])
})

test('a host has an agent where Zabbix watches, a server all of it, and nothing of it where it does not', t => {
  const packagesOf = (host: typeof gw1, zabbix: boolean) =>
    resourcesOf(host, zabbix).flatMap(({kind, desired}) => (kind.name === 'package' ? desired.names : []))
  const isOfZabbix = (name: string) => /zabbix|php|postgresql|nginx/.test(name)
  t.deepEqual(packagesOf(gw1, true).filter(isOfZabbix), ['zabbix-agent2'])
  t.deepEqual(packagesOf(monitor, true).filter(isOfZabbix), [
    'zabbix-agent2',
    'postgresql',
    'zabbix-server-pgsql',
    'php8.2-fpm',
    'nginx',
    'zabbix-frontend-php',
  ])
  for (const host of [gw1, monitor]) t.deepEqual(packagesOf(host, false).filter(isOfZabbix), [])
})

test('keys and passwords are in files that others cannot read, and in no command', t => {
  for (const {id, kind, desired} of resourcesOf(monitor, true)) {
    const texts = [JSON.stringify(desired), kind.probe(desired).command.text]
    t.false(
      texts.some(text => text.includes('correct horse') || text.includes(key.reveal())),
      id,
    )
  }
  const files = resourcesOf(monitor, true).filter(
    ({kind, desired}) => kind.name === 'file' && desired.content instanceof Secret,
  )
  t.deepEqual(
    files.map(({desired}) => [desired.path, desired.mode, desired.group]),
    [
      ['/etc/zabbix/gatewright.psk', '0640', 'zabbix'],
      ['/etc/zabbix/gatewright-admin', '0600', 'root'],
    ],
  )
})
