// Zabbix beside Prometheus: what the agents tell through the packet filter, what the server makes of it, and that its API holds what the
// inventory says.
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import {startConcentrator} from '../support/concentrator.ts'
import {type DualTunnelSite, dualTunnelSite} from '../support/dual-tunnel.ts'
import {eventsOf, type Finished, root, start} from '../support/gatewright.ts'
import {labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import '../../src/resolve.ts'

const {subjects} = await import('../../roles/monitoring/zabbix/subjects.ts')

const project = join(root, 'test/fixtures/monitoring')
const hosts = ['gw1', 'gw2', 'upstream'] as const
type Host = (typeof hosts)[number]
const addresses: Record<Host, string> = {gw1: '10.10.254.2', gw2: '10.10.254.3', upstream: '10.10.254.4'}
const keyOf = (host: Host): string => createHash('sha256').update(`a key of ${host}`).digest('hex')
/** Machines that are busy with other things are slow to notice. */
const patience = {withinMs: 300_000, everyMs: 2000}

let lab: Topology
let site: DualTunnelSite
const undo: (() => unknown)[] = []
const on = (host: string, script: string, timeoutMs = 120_000): Promise<string> => onHost(lab, host, script, timeoutMs)
const play = (...args: string[]): Promise<Finished> => {
  const own = [join(project, 'inventory'), join(root, 'test/fixtures/zabbix/inventory')]
  const inventories = [...site.inventories, ...own].flatMap(each => ['-i', each])
  const vault = ['--vault-password-file', site.pki.passwordFile]
  const all = ['play', join(project, 'playbooks/site.yml'), ...inventories, ...vault, '--json', ...args]
  return start(all, undefined, project).finished
}
const failuresOf = ({stderr, events}: Finished): string =>
  [stderr, ...eventsOf(events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)].join('\n')
const changesOf = ({events}: Finished): unknown[] =>
  eventsOf(events, 'summary').flatMap(each =>
    each.hosts.map(({host, status, counts}) => [host, status, counts.changed]),
  )

/** Asks the API of the server as its Admin, in PHP, as there is nothing else on a small host. */
const apiPhp = String.raw`
function call($method, $params, $auth) {
  $request = json_encode(['jsonrpc' => '2.0', 'method' => $method, 'params' => $params, 'auth' => $auth, 'id' => 1]);
  $http = ['method' => 'POST', 'header' => 'Content-Type: application/json-rpc', 'content' => $request];
  return json_decode(file_get_contents('http://127.0.0.1:8050/api_jsonrpc.php', false, stream_context_create(['http' => $http])), true);
}
$auth = call('user.login', ['username' => 'Admin', 'password' => 'no password of anybody'], null)['result'];
echo json_encode(call($argv[1], json_decode($argv[2], true), $auth)['result']);
call('user.logout', [], $auth);`
const api = async <Answer>(method: string, params: object): Promise<Answer> =>
  JSON.parse(
    await on('upstream', `php -r '${apiPhp.replaceAll("'", `'\\''`)}' -- ${method} '${JSON.stringify(params)}'`),
  )

test.before(async t => {
  t.timeout(600_000)
  lab = await labUp()
  site = await dualTunnelSite({teardown: each => void undo.push(each)})
  await startConcentrator(lab, site.pki)
})
test.after.always(async () => {
  for (const each of undo) await each()
})

test.serial('one run sets up agents, database, server, frontend and hosts; a second one changes nothing', async t => {
  t.timeout(1_800_000)
  const started = performance.now()
  const first = await play()
  t.is(first.code, 0, failuresOf(first))
  t.log(`${((performance.now() - started) / 1000).toFixed(0)} s for two gateways with every role and who watches them`)
  const second = await play()
  t.deepEqual(
    changesOf(second),
    ['gw1', 'gw2', 'upstream'].map(host => [host, 'ok', 0]),
    failuresOf(second),
  )
})

const get = (
  host: Host,
  key: string,
  options = `--tls-connect psk --tls-psk-identity ${host} --tls-psk-file /run/psk`,
) =>
  `echo ${keyOf(host)} >/run/psk; chmod 600 /run/psk; zabbix_get -s ${addresses[host]} -k ${key} ${options} 2>&1; echo " ends with $?"`

test.serial('who watches is answered by each agent, with the key alone, on the management address alone', async t => {
  t.timeout(600_000)
  for (const host of hosts) {
    t.regex(await on('upstream', get(host, 'agent.ping')), /^1\s+ends with 0/)
    t.notRegex(await on('upstream', get(host, 'agent.ping', '')), /^1\s/, `${host} answers without a key`)
    t.regex(
      await on(host, "ss -Hltn 'sport = :10050'"),
      new RegExp(`^LISTEN\\s+\\d+\\s+\\d+\\s+${addresses[host]}:10050\\s`),
    )
    t.is((await on(host, "stat -c '%a %U %G' /etc/zabbix/gatewright.psk")).trim(), '640 root zabbix')
  }
  const isFrom = async (host: Host, key: string): Promise<boolean> =>
    (await on('upstream', get(host, key))).includes('"value"')
  for (const subject of Object.keys(subjects).filter(each => each !== 'check'))
    t.true(await until(() => isFrom('gw1', `gatewright.${subject}`), patience), subject)
})

type Item = {readonly key_: string; readonly state: string; readonly error: string; readonly lastclock: string}
const items = (host: Host): Promise<readonly Item[]> =>
  api('item.get', {host, output: ['key_', 'state', 'error', 'lastclock']})
/** What each gateway has at least one of; the master has the tunnels that follow it as well. */
const families = [
  'net.if.in[',
  'net.if.out[',
  'vrrp.vrrp_state[',
  'vrrp.conntrackd_ready[',
  'vrrp.nat_sessions[',
  'bgp.bgp_up[',
  'uplink.mwan_state[',
  'uplink.mwan_latency_p95_seconds[',
  'tunnel.wireguard_handshake_seconds[',
  'tunnel.wireguard_received_bytes_total[',
  'tunnel.openvpn_up[',
  'upkeep.certificate_until_seconds[',
  'upkeep.crl_until_seconds[',
  'upkeep.clock_offset_seconds[',
  'upkeep.collector_success[',
]

test.serial('the server has a value of each item and of each thing that it discovered', async t => {
  t.timeout(1_200_000)
  for (const host of hosts) {
    let wrong: readonly string[] = []
    const isWhole = async (): Promise<boolean> => {
      const found = await items(host)
      const missing = host === 'upstream' ? [] : families.filter(each => !found.some(({key_}) => key_.includes(each)))
      const silent = found.filter(({state, lastclock}) => state !== '0' || lastclock === '0')
      wrong = [...missing, ...silent.map(({key_, error}) => `${key_}: ${error || 'no value'}`)]
      return wrong.length === 0
    }
    t.true(await until(isWhole, patience), `${host}: ${wrong.join(', ')}`)
    t.log(`${host}: ${(await items(host)).length} items`)
  }
  const rules = await api<{name: string; state: string; error: string}[]>('discoveryrule.get', {
    hostids: (await api<{hostid: string}[]>('host.get', {filter: {host: hosts}, output: ['hostid']})).map(
      ({hostid}) => hostid,
    ),
    output: ['name', 'state', 'error'],
  })
  t.true(rules.length > 30)
  t.deepEqual(
    rules.filter(({state}) => state !== '0'),
    [],
  )
})

/** Triggers that say that something is wrong, as `gw1 The agent is silent`. */
const problems = async (): Promise<readonly string[]> => {
  const found = await api<{description: string; hosts: {host: string}[]}[]>('trigger.get', {
    filter: {value: 1},
    monitored: true,
    expandDescription: true,
    selectHosts: ['host'],
    output: ['description'],
  })
  return found.map(({description, hosts: [host]}) => `${host?.host} ${description}`)
}
const seen = async (t: ExecutionContext, wanted: readonly string[], are: boolean): Promise<void> => {
  let found: readonly string[] = []
  const isSo = async (): Promise<boolean> => {
    found = await problems()
    return wanted.every(each => found.includes(each) === are)
  }
  const started = performance.now()
  t.true(await until(isSo, patience), `${are ? 'all of' : 'none of'} ${wanted.join(', ')}: ${found.join(', ')}`)
  t.log(`${are ? 'seen' : 'resolved'} after ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

test.serial('an agent that is cut off and a session that is down are problems, and end', async t => {
  t.timeout(1_200_000)
  const wanted = ['gw2 The agent is silent', 'gw1 BGP neighbour 198.51.100.1: Session is down, or nobody tells']
  await seen(t, wanted, false)
  const neighbor = (word: string) =>
    on('gw1', `vtysh -c 'configure terminal' -c 'router bgp 65010' -c '${word}neighbor 198.51.100.1 shutdown'`)
  await on(
    'gw2',
    "nft 'add table inet fault; add chain inet fault in { type filter hook prerouting priority -300; }; add rule inet fault in tcp dport 10050 drop'",
  )
  await neighbor('')
  try {
    await seen(t, wanted, true)
  } finally {
    await on('gw2', 'nft delete table inet fault')
    await neighbor('no ')
  }
  await seen(t, wanted, false)
})

test.serial('check mode tells what hands changed in Zabbix, and a run puts it right', async t => {
  t.timeout(900_000)
  const [gw2] = await api<{hostid: string}[]>('host.get', {filter: {host: ['gw2']}, output: ['hostid']})
  const [ping] = await api<{itemid: string}[]>('item.get', {
    filter: {key_: 'agent.ping'},
    templated: true,
    search: {name: 'The agent answers'},
    output: ['itemid'],
  })
  await api('host.update', {hostid: gw2?.hostid, status: 1, tls_psk_identity: 'other', tls_psk: '00'.repeat(32)})
  await api('item.update', {itemid: ping?.itemid, name: 'It answers'})
  const check = await play('--check', '--limit', 'upstream')
  const planned = eventsOf(check.events, 'planned').flatMap(({items: all}) =>
    all.filter(({changes}) => changes.length > 0),
  )
  t.is(check.code, 2, failuresOf(check))
  t.deepEqual(
    planned.map(({id, changes}) => [id, changes.map(({path, from, to}) => `${path}: ${from} -> ${to}`)]),
    [
      [
        'zabbix-site gatewright',
        [
          'template: another -> updated items The agent answers',
          'host gw2: left alone -> asked',
          'host gw2: identity other -> identity gw2',
          'host gw2: another key -> the key of the inventory',
        ],
      ],
    ],
  )
  const run = await play('--limit', 'upstream')
  t.is(run.code, 0, failuresOf(run))
  t.deepEqual(changesOf(run), [['upstream', 'changed', 1]])
})
