// What is asked of the wire before anything is changed, on fresh gateways and with real packets: strangers with our addresses and
// identifiers, peers in another segment, ports and tables of others. Nothing is installed: every run is a check.
import {join} from 'node:path'
import test from 'ava'
import type {Topology} from '../../lab/index.ts'
import {eventsOf, type Finished, gatewright, root} from '../support/gatewright.ts'
import {fresh, inventory, labUp, onHost} from '../support/site.ts'

const site = join(root, 'playbooks/site.yml')
const check = (...args: string[]): Promise<Finished> => gatewright('check', site, '-i', inventory, '--json', ...args)
const grouped = ['-e', JSON.stringify({vrrp_layout: 'grouped'})]

let lab: Topology
test.before(async t => {
  t.timeout(600_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'gw2', 'client')
})
test.afterEach.always(async () => {
  await Promise.all(
    ['gw1', 'gw2', 'client'].map(host => onHost(lab, host, 'sh /run/undo 2>/dev/null; rm -f /run/undo; true')),
  )
})

/** Does something to a host, and writes down how it is undone. */
const disturb = async (host: string, script: string, undo: string): Promise<void> => {
  await onHost(lab, host, `echo '${undo}' >>/run/undo; ${script}`)
}
/** `host rule`, in order, each once; what refuses and what is advice. */
const refusals = ({events}: Finished): string[] =>
  [...new Set(eventsOf(events, 'diagnostic').map(({diagnostic}) => `${diagnostic.host} ${diagnostic.rule}`))].toSorted()
const advice = ({events}: Finished): string[] =>
  [
    ...new Set(eventsOf(events, 'warning').map(({host, message}) => `${host} ${/\[(\S+)\]$/.exec(message)?.[1]}`)),
  ].toSorted()

test.serial(
  'two fresh gateways are as they should be, in both layouts; in the second others are listened for',
  async t => {
    for (const [layout, args] of [
      ['tracked-single', []],
      ['grouped', grouped],
    ] as const) {
      const start = performance.now()
      const result = await check(...args)
      t.log(`${layout}: ${((performance.now() - start) / 1000).toFixed(1)} s`)
      t.deepEqual([result.code, refusals(result), advice(result)], [2, [], []], result.stderr)
    }
  },
)

test.serial(
  'a machine of the LAN that has a virtual address is found, of either family, and is forgotten when it is gone',
  async t => {
    const taken = ['10.10.0.1/24', 'fd00:10:10::1/64 nodad']
    for (const address of taken)
      await disturb('client', `ip address add ${address} dev lan`, `ip address del ${address.split(' ')[0]} dev lan`)
    const result = await check()
    t.deepEqual([result.code, refusals(result)], [6, ['gw1 vrrp-address-taken', 'gw2 vrrp-address-taken']])
    const told = eventsOf(result.events, 'diagnostic', undefined).map(({diagnostic}) => diagnostic.what)
    t.true(told.some(what => what.includes('10.10.0.1 is answered for by ')))
    t.true(told.some(what => what.includes('fd00:10:10::1 is answered for by ')))
    await onHost(lab, 'client', 'sh /run/undo; rm /run/undo')
    // Both gateways remember the answer; as STALE it may be of any age.
    for (const host of ['gw1', 'gw2'])
      for (const address of ['10.10.0.1', 'fd00:10:10::1'])
        await onHost(lab, host, `ip neighbour change ${address} dev lan nud stale`)
    t.deepEqual(refusals(await check()), [])
  },
)

/**
 * Advertises a VRID in the LAN ten times a second. VRRPv3 (RFC 5798, 5.2): version and type, VRID, priority, count, interval; 32 is
 * IP_MULTICAST_IF.
 */
const advertise = (vrid: number): string => `exec perl -MSocket -e '
socket(my $s, PF_INET, SOCK_RAW, 112) or die;
setsockopt($s, IPPROTO_IP, 32, inet_aton("10.10.0.100")) or die;
my $advert = pack("CCCCnna4", 0x31, ${vrid}, 100, 1, 100, 0, inet_aton("10.10.0.77"));
while (1) { send($s, $advert, 0, pack_sockaddr_in(0, inet_aton("224.0.0.18"))); select(undef, undef, undef, 0.1) }
'`

test.serial('another router that speaks our VRID in a segment is heard', async t => {
  await disturb(
    'client',
    `cat >/run/advertise <<'END'\n${advertise(110)}\nEND\n(sh /run/advertise >/dev/null 2>&1 & echo $! >/run/advertise.pid)`,
    'kill $(cat /run/advertise.pid)',
  )
  const result = await check(...grouped)
  t.deepEqual([result.code, refusals(result)], [6, ['gw1 vrrp-router-id-taken', 'gw2 vrrp-router-id-taken']])
  t.regex(
    eventsOf(result.events, 'diagnostic')[0]?.diagnostic.what ?? '',
    /10\.10\.0\.100 \([0-9a-f:]{17}\) speaks VRRP with the identifier 110 on lan/,
  )
  const other = await check(...grouped, '-e', JSON.stringify({vrrp_router_id: 111}))
  t.deepEqual([other.code, refusals(other)], [2, []], 'another identifier')
})

test.serial('a peer that is not in the segment, and a cable that is out, are told and refuse nothing', async t => {
  await disturb('gw2', 'ip address del 10.10.0.3/24 dev lan', 'ip address add 10.10.0.3/24 dev lan')
  // An answer of the last half minute counts.
  await onHost(lab, 'gw1', 'ip neighbour flush dev lan')
  const result = await check()
  t.deepEqual([result.code, refusals(result), advice(result)], [2, [], ['gw1 vrrp-peer-silent']])
  await disturb('gw2', 'ip link set wan-b down', 'ip link set wan-b up')
  const down = await check()
  t.deepEqual([down.code, refusals(down)], [2, []])
  t.true(advice(down).includes('gw2 vrrp-link-down'))
  t.true(advice(down).includes('gw2 mwan-link-down'))
})

test.serial('ports that others hold, rules and tables that others have made', async t => {
  const hold = (type: string, port: number): string =>
    `(perl -MSocket -e 'socket(my $s, PF_INET, SOCK_${type}, 0); bind($s, pack_sockaddr_in(${port}, INADDR_ANY)); ${type === 'STREAM' ? 'listen($s, 1);' : ''} sleep 600' >/dev/null 2>&1 & echo $! >>/run/holders)`
  await disturb(
    'gw1',
    `${hold('DGRAM', 3780)}; ${hold('STREAM', 179)}; ${hold('DGRAM', 3784)}`,
    'kill $(cat /run/holders); rm /run/holders',
  )
  await disturb(
    'gw2',
    'ip rule add from 10.8.0.2 lookup 1001 priority 10100; ip route add default via 192.0.2.1 table 1001',
    'ip rule del priority 10100; ip route del default table 1001',
  )
  const result = await check()
  t.deepEqual(
    [result.code, refusals(result)],
    [6, ['gw1 bgp-port-taken', 'gw1 vrrp-port-taken', 'gw2 mwan-priority-taken', 'gw2 mwan-table-taken']],
  )
  t.is(eventsOf(result.events, 'diagnostic').filter(({diagnostic}) => diagnostic.rule === 'bgp-port-taken').length, 2)
})
