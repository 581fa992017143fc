// Zabbix beside Prometheus: what the agents tell through the packet filter, what the server makes of it, and that its API holds what the
// inventory says.
import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {Topology} from '../../lab/index.ts'
import {eventsOf, type Finished, gatewright, root} from '../support/gatewright.ts'
import {labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {startUpstream} from '../support/upstream.ts'
import {byHand} from '../support/wireguard-site.ts'
import '../../src/resolve.ts'

const {subjects} = await import('../../roles/monitoring/zabbix/subjects.ts')

const project = join(root, 'test/fixtures/zabbix')
const hosts = ['gw1', 'upstream'] as const
type Host = (typeof hosts)[number]
const addresses: Record<Host, string> = {gw1: '10.10.254.2', upstream: '10.10.254.4'}
const keyOf = (host: Host): string => createHash('sha256').update(`a key of ${host}`).digest('hex')
/** Machines that are busy with other things are slow to notice. */
const patience = {withinMs: 300_000, everyMs: 2000}

let lab: Topology
const made = mkdtempSync(join(tmpdir(), 'gatewright-zabbix-'))
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script, 120_000)
const play = (...args: string[]): Promise<Finished> =>
  gatewright(
    'play',
    join(project, 'playbooks/site.yml'),
    '-i',
    join(project, 'inventory'),
    '-i',
    made,
    '--json',
    ...args,
  )
const failuresOf = ({stderr, events}: Finished): string =>
  [stderr, ...eventsOf(events, 'host-failed').map(({host, id, message}) => `${host} ${id}: ${message}`)].join('\n')
const changesOf = ({events}: Finished): unknown[] =>
  eventsOf(events, 'summary').flatMap(each =>
    each.hosts.map(({host, status, counts}) => [host, status, counts.changed]),
  )

/** How the lab's hosts are reached, and a tunnel whose far end is made by hand. */
const writeInventory = async (): Promise<void> => {
  const keys = async () => (await on('upstream', 'key=$(wg genkey); echo $key; echo $key | wg pubkey')).split('\n')
  const [[own, ownPublic], [far, farPublic]] = [await keys(), await keys()]
  await byHand(
    lab,
    'wg1',
    `[Interface]
PrivateKey = ${far}
Address = 10.99.1.1/30
ListenPort = 51821
[Peer]
PublicKey = ${ownPublic}
AllowedIPs = 10.99.1.2/32
`,
  )
  const reached = hosts.map(name => {
    const {ssh, links = {}} = lab.hosts[name] ?? {}
    const withDevice = Object.entries(links).map(([device, {addresses: all, gateway}]) => [
      device,
      {device, addresses: all, ...(gateway !== undefined && {gateway})},
    ])
    return [name, {ansible_port: ssh, links: Object.fromEntries(withDevice)}]
  })
  const vars = {
    ansible_host: '127.0.0.1',
    ansible_user: 'operator',
    ansible_ssh_private_key_file: join(root, '.lab/id_ed25519'),
    gatewright_known_hosts: join(root, '.lab/known_hosts'),
    keys_of_wireguard: {own, far: farPublic},
  }
  writeFileSync(join(made, 'hosts.yml'), JSON.stringify({all: {vars, hosts: Object.fromEntries(reached)}}))
}

test.before(async t => {
  t.timeout(600_000)
  lab = await labUp()
  await startUpstream(lab)
  await writeInventory()
})
test.after.always(() => rmSync(made, {recursive: true}))

test.serial('one run sets up agents, database, server, frontend and hosts; a second one changes nothing', async t => {
  t.timeout(1_800_000)
  const started = performance.now()
  const first = await play()
  t.is(first.code, 0, failuresOf(first))
  t.log(`${((performance.now() - started) / 1000).toFixed(0)} s for a gateway and who watches it`)
  const second = await play()
  t.deepEqual(
    changesOf(second),
    hosts.map(host => [host, 'ok', 0]),
    failuresOf(second),
  )
})

const byKey = (host: Host): string => `--tls-connect psk --tls-psk-identity ${host} --tls-psk-file /run/psk`
/** What an agent says to who watches, and how that ends. */
const asked = (host: Host, key: string, options = byKey(host)): Promise<string> =>
  on(
    'upstream',
    `umask 077; echo ${keyOf(host)} >/run/psk; zabbix_get -s ${addresses[host]} -k ${key} ${options} 2>&1; echo "ends with $?"`,
  )

test.serial('each agent answers by the key alone, to who watches alone, on the management address alone', async t => {
  t.timeout(600_000)
  for (const host of hosts) {
    t.regex(await asked(host, 'agent.ping'), /^1\s+ends with 0/)
    t.notRegex(await asked(host, 'agent.ping', ''), /ends with 0/, `${host} answers without a key`)
    t.regex(
      await on(host, "ss -Hltn 'sport = :10050'"),
      new RegExp(`^LISTEN\\s+\\d+\\s+\\d+\\s+${addresses[host]}:10050\\s\\S+\\s*$`),
    )
    t.is((await on(host, "stat -c '%a %U %G' /etc/zabbix/gatewright.psk")).trim(), '640 root zabbix')
  }
  t.regex(
    await on('client', `timeout 2 sh -c ': </dev/tcp/${addresses.gw1}/10050' 2>&1; echo "ends with $?"`),
    /ends with [1-9]/,
  )
  for (const subject of Object.keys(subjects).filter(each => each !== 'check'))
    t.true(
      await until(async () => (await asked('gw1', `gatewright.${subject}`)).startsWith('[{"name"'), patience),
      subject,
    )
})

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

/** A role of later, or a check of somebody's: a collector whose metrics Zabbix shall find without being told. */
const laterSh = `#!/bin/sh
cat <<END
gatewright_check_up{check="shop",kind="http",via="wan-a"} $(cat /run/shop)
gatewright_check_seconds{check="shop",kind="http",via="wan-a"} 0.125
gatewright_openvpn_up{name="road",side="server"} 1
gatewright_openvpn_clients{name="road"} 3
gatewright_certificate_until_seconds{name="openvpn road",where="file"} 4102444800
gatewright_crl_until_seconds{name="openvpn road"} 4102444800
END
`
const laterFile = '/etc/gatewright/monitoring/fast/later'
/** What each has at least. */
const things: Record<Host, readonly string[]> = {
  gw1: [
    'gatewright.vrrp.vrrp_state[gateway 110]',
    'gatewright.vrrp.nat_sessions[]',
    'gatewright.bgp.bgp_up[192.0.2.1]',
    'gatewright.bgp.bgp_policy[192.0.2.1]',
    'gatewright.uplink.mwan_state[wan-b ipv4]',
    'gatewright.uplink.mwan_latency_p95_seconds[wan-b ipv4]',
    'gatewright.tunnel.wireguard_handshake_seconds[wg0 hub]',
    'gatewright.tunnel.wireguard_received_bytes_total[wg0 hub]',
    'gatewright.upkeep.collector_success[mwan]',
    'net.if.in["wan-a"]',
    'net.if.out["wan-a",errors]',
  ],
  upstream: [
    'gatewright.check.check_up[shop http wan-a]',
    'gatewright.check.check_seconds[shop http wan-a]',
    'gatewright.tunnel.openvpn_up[road server]',
    'gatewright.tunnel.openvpn_clients[road]',
    'gatewright.upkeep.certificate_until_seconds[openvpn road file]',
    'gatewright.upkeep.crl_until_seconds[openvpn road]',
  ],
}
const idOf = async (host: Host): Promise<string | undefined> =>
  (await api<{hostid: string}[]>('host.get', {filter: {host: [host]}, output: ['hostid']}))[0]?.hostid
type State = {readonly key_: string; readonly state: string; readonly error: string}

test.serial('the server has a value of each item and of each thing that it discovered', async t => {
  t.timeout(1_200_000)
  await on('upstream', `echo 1 >/run/shop; cat >${laterFile} <<'LATER'\n${laterSh}LATER\nchmod 755 ${laterFile}`)
  for (const host of hosts) {
    let wrong: readonly string[] = []
    let count = 0
    const isWhole = async (): Promise<boolean> => {
      const output = ['key_', 'state', 'error', 'lastclock']
      const found = await api<(State & {lastclock: string})[]>('item.get', {host, output})
      count = found.length
      wrong = [
        ...things[host].filter(each => !found.some(({key_}) => key_ === each)),
        ...found.flatMap(({key_, state, error, lastclock}) =>
          state === '0' && lastclock !== '0' ? [] : [`${key_}: ${error || 'no value'}`],
        ),
      ]
      return wrong.length === 0
    }
    t.true(await until(isWhole, patience), `${host}: ${wrong.join(', ')}`)
    const output = ['key_', 'state', 'error']
    const rules = await api<State[]>('discoveryrule.get', {hostids: [await idOf(host)], output})
    t.true(rules.length > 15)
    t.deepEqual(
      rules.filter(({state}) => state !== '0'),
      [],
    )
    t.log(`${host}: ${count} items`)
  }
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
  t.log(`${are ? 'seen' : 'not there'} after ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

test.serial('an agent that is cut off and a check that gets no answer are problems, and end', async t => {
  t.timeout(1_200_000)
  const wanted = ['gw1 The agent is silent', 'upstream Check shop http wan-a: What is checked is down, or nobody tells']
  await seen(t, wanted, false)
  await on(
    'gw1',
    "nft 'add table inet fault; add chain inet fault in { type filter hook prerouting priority -300; }; add rule inet fault in tcp dport 10050 drop'",
  )
  await on('upstream', 'echo 0 >/run/shop')
  try {
    await seen(t, wanted, true)
  } finally {
    await on('gw1', 'nft delete table inet fault')
    await on('upstream', 'echo 1 >/run/shop')
  }
  await seen(t, wanted, false)
})

test.serial('check mode tells what hands changed in Zabbix, and a run puts it right', async t => {
  t.timeout(900_000)
  await on('upstream', `rm ${laterFile}`)
  const [ping] = await api<{itemid: string}[]>('item.get', {
    filter: {key_: 'agent.ping', name: 'The agent answers'},
    templated: true,
    output: ['itemid'],
  })
  await api('host.update', {hostid: await idOf('gw1'), status: 1, tls_psk_identity: 'other', tls_psk: '00'.repeat(32)})
  await api('item.update', {itemid: ping?.itemid, name: 'It answers'})
  const check = await play('--check', '--limit', 'upstream')
  const planned = eventsOf(check.events, 'planned').flatMap(({items}) =>
    items.filter(({changes}) => changes.length > 0),
  )
  t.is(check.code, 2, failuresOf(check))
  t.deepEqual(
    planned.map(({id, changes}) => [id, changes.map(({path, from, to}) => [path, from, to])]),
    [
      [
        'zabbix-site gatewright',
        [
          ['template', 'another', 'updated items The agent answers'],
          ['host gw1', 'left alone', 'asked'],
          ['host gw1', 'identity other', 'identity gw1'],
          ['host gw1', 'another key', 'the key of the inventory'],
        ],
      ],
    ],
  )
  const run = await play('--limit', 'upstream')
  t.deepEqual(changesOf(run), [['upstream', 'changed', 1]], failuresOf(run))
})
