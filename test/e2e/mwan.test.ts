// Two uplinks of one gateway under real faults: where new flows go is counted at the providers' router, behind both links.

import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import '../../src/resolve.ts'
import {degrade, gapDuring, heal, labExec, type Topology} from '../../lab/index.ts'
import type {Status} from '../../roles/mwan/status.ts'
import {facts, host, office, officeFacts, officeHost, vars} from '../../roles/mwan/test/example.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {inventory, labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'

const {nftRules} = await import('../../roles/mwan/templates/nft-rules.ts')
const {mwanView} = await import('../../roles/mwan/view.ts')

const playbook = join(root, 'test/fixtures/mwan/site.yml')
// Short windows and holds; thresholds and counts of losses are the defaults.
const settings = JSON.stringify({
  mwan_rules: [
    {source: ['10.10.0.0/24'], protocol: 'udp', ports: ['7778'], policy: 'balanced', sticky: true},
    {source: ['10.10.0.0/24', '2001:db8:5000:10::/64'], policy: 'balanced'},
  ],
  mwan_window: 5,
  mwan_hold: 8,
  mwan_up_count: 5,
})
const play = () => gatewright('play', playbook, '-i', inventory, '--limit', 'gw1', '--json', '-e', settings)
const task = async (name: string, ...args: string[]) => {
  const done = await gatewright(
    'task',
    'gateways',
    `mwan.${name}`,
    '-i',
    inventory,
    '--limit',
    'gw1',
    '--become',
    '--json',
    ...args,
  )
  const [item] = [
    ...eventsOf(done.events, 'item-end', 'gw1').map(each => each.item),
    ...eventsOf(done.events, 'planned', 'gw1').flatMap(({items}) => items),
  ]
  return {code: done.code, told: JSON.stringify(item)}
}

let lab: Topology
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)

test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  // What other roles do: the address of the pair, forwarding, NAT. The main table has no default route.
  await on(
    'gw1',
    `ip address add 10.10.0.1/24 dev lan; ip address add fd00:10:10::1/64 dev lan nodad; ip address add 2001:db8:5000:10::1/64 dev lan nodad
     echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
     nft 'add table inet test; add chain inet test nat { type nat hook postrouting priority srcnat; }
       add rule inet test nat oifname { "wan-a", "wan-b" } masquerade'`,
  )
  // Counts before it drops, so that what is lost is seen too.
  await on(
    'upstream',
    `nft 'add table inet seen; add chain inet seen count { type filter hook prerouting priority -400; }
       add chain inet seen dead { type filter hook prerouting priority -350; }
       add rule inet seen count iifname "wan-a" udp dport { 7778, 20000-29999 } counter
       add rule inet seen count iifname "wan-b" udp dport { 7778, 20000-29999 } counter'`,
  )
})

/** No fault, no override, and the gateway is the master. */
test.beforeEach(async t => {
  t.timeout(240_000)
  await heal(lab, 'gw1', 'wan-a')
  await speak()
  await on('gw1', 'rm -f /var/lib/gatewright-mwan/override /run/gatewright/vrrp/state')
})

const counted = async (): Promise<number[]> =>
  [...(await on('upstream', 'nft list chain inet seen count')).matchAll(/packets (\d+)/g)].map(([, count]) =>
    Number(count),
  )

let nextPort = 20_000
/** Begins so many flows, to a port that none before went to, and tells how many of them took each uplink. */
const newFlows = async (count = 12, to = '203.0.113.10', port = nextPort++): Promise<{a: number; b: number}> => {
  const before = await counted()
  await on('client', `bash -c 'for n in $(seq ${count}); do echo x >/dev/udp/${to}/${port}; done'`)
  const [a = 0, b = 0] = (await counted()).map((packets, index) => packets - (before[index] ?? 0))
  return {a, b}
}

const silence = (link: string): Promise<string> =>
  on('upstream', `nft add rule inet seen dead iifname '"${link}"' drop`)
const speak = (): Promise<string> => on('upstream', 'nft flush chain inet seen dead')

const status = async (): Promise<Status> => JSON.parse(await on('gw1', 'cat /run/gatewright/mwan/state.json')) as Status
const stateOf = async (name: string, family = 4): Promise<string> =>
  (await status()).uplinks.find(uplink => uplink.name === name && uplink.family === family)?.state ?? 'missing'
const allUp = (): Promise<boolean> =>
  until(async () => (await status()).uplinks.every(({state}) => state === 'up'), {withinMs: 40_000, everyMs: 250})
/** What the tracker said of an uplink and family since a mark in the journal. */
const saidSince = async (cursor: string, path = 'wan-a/4'): Promise<string[]> =>
  (await on('gw1', `journalctl -u gatewright-mwan -o cat --after-cursor='${cursor}'`))
    .split('\n')
    .flatMap(line => new RegExp(`^${path} is (\\w+),`).exec(line)?.[1] ?? [])
const cursor = async (): Promise<string> =>
  (await on('gw1', "journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'")).trim()

/** Milliseconds until none of twelve new flows takes wan-a. */
const timeToMove = async (): Promise<number> => {
  const start = performance.now()
  for (;;) {
    const began = performance.now()
    const {a, b} = await newFlows()
    if (a === 0 && b === 12) return began - start
    if (began - start > 60_000) return Number.POSITIVE_INFINITY
  }
}

test.serial('the role converges in one run, and a second run changes nothing', async t => {
  const first = await play()
  t.is(first.code, 0, first.stderr)
  const second = await play()
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({status: verdict, counts}) => [verdict, counts.changed]),
    [['ok', 0]],
  )
  t.true(await allUp())
})

test.serial(
  'new flows of both families are shared by weight; a source of the sticky rule keeps to one uplink',
  async t => {
    const {a, b} = await newFlows(120)
    t.log(`120 flows with weights 2 to 1: ${a} over wan-a, ${b} over wan-b`)
    t.is(a + b, 120)
    // Six standard deviations.
    t.true(a > 49 && a < 111)
    const six = await newFlows(60, '2001:db8:ffff::10')
    t.is(six.a + six.b, 60)
    t.true(six.a > 10 && six.b > 2)
    const sticky = await newFlows(20, '203.0.113.10', 7778)
    t.deepEqual([Math.min(sticky.a, sticky.b), Math.max(sticky.a, sticky.b)], [0, 20])
  },
)

test.serial('nft, systemd and the shell accept what is rendered, also for three uplinks on VLANs', async t => {
  const judge = async (table: string): Promise<string> => {
    const {code, stderr} = await labExec(lab, 'gw1', 'nft -c -f -', {input: table})
    return code === 0 ? 'accepted' : stderr
  }
  for (const rules of [nftRules(mwanView(vars, facts, host)), nftRules(mwanView(office, officeFacts, officeHost))]) {
    const table = `table inet judged {\n${rules}}\n`
    t.is(await judge(table), 'accepted')
    t.not(await judge(table.replace('goto new_flow', 'goto nowhere')), 'accepted')
  }
  for (const name of ['mwan-tracker', 'mwan-routes']) await on('gw1', `sh -n /usr/local/lib/gatewright/${name}`)
  t.is(await on('gw1', 'systemd-analyze verify --man=no gatewright-mwan.service 2>&1'), '')
})

test.serial('what comes in over an uplink is answered over it, without any default route in main', async t => {
  for (const address of ['192.0.2.2', '198.51.100.2'])
    t.regex(await on('upstream', `ping -c 2 -i 0.2 -W 1 -I 203.0.113.10 ${address}`), / 0% packet loss/, address)
})

test.serial(
  'an uplink that dies silently is left within 5 s; flows of the other go on; healed, it comes back once',
  async t => {
    t.true(await allUp())
    const mark = await cursor()
    // A flow of the other uplink, held by its mark when the preference is gone.
    t.like(await task('prefer', '-e', 'uplink=wan-b'), {code: 0})
    let tookMs = Number.NaN
    const gap = await gapDuring(lab, 'client', '203.0.113.10', async () => {
      t.like(await task('release'), {code: 0})
      await newFlows(30)
      const flows = async (bits: string) =>
        (await on('gw1', `conntrack -L -p udp --mark ${bits}/0x3f00 2>/dev/null; :`))
          .split('\n')
          .filter(line => /dport=2\d{4} /.test(line)).length
      t.true((await flows('0x100')) > 0)
      const others = await flows('0x200')
      await silence('wan-a')
      tookMs = await timeToMove()
      t.true(await until(async () => (await flows('0x100')) === 0, {withinMs: 5000}), 'its flows are ended')
      t.true((await flows('0x200')) >= others, 'those of the other are not')
    })
    t.log(
      `silent death: new flows moved after ${(tookMs / 1000).toFixed(1)} s; the flow over wan-b lost ${gap?.lost} of ${gap?.replies}`,
    )
    t.true(tookMs < 5000)
    t.is(gap?.lost, 0)
    t.is(await stateOf('wan-a'), 'down')
    t.is(await stateOf('wan-b'), 'up')
    await speak()
    t.true(await allUp(), 'the probes of the dead uplink reach their targets again')
    t.is((await saidSince(mark)).filter(state => state === 'up').length, 1)
    const {a} = await newFlows(60)
    t.true(a > 0)
  },
)

for (const [title, degradation] of [
  ['200 ms more', {delayMs: 100}],
  ['5 % of lost packets', {lossPercent: 5}],
] as const)
  test.serial(`${title} on an uplink move new flows within 30 s, and they come back once`, async t => {
    t.true(await allUp())
    const mark = await cursor()
    await degrade(lab, 'gw1', 'wan-a', degradation)
    const tookMs = await timeToMove()
    t.log(`${title}: new flows moved after ${(tookMs / 1000).toFixed(1)} s`)
    t.true(tookMs < 30_000)
    t.not(await stateOf('wan-a'), 'up')
    await heal(lab, 'gw1', 'wan-a')
    t.true(await allUp())
    await sleep(2000)
    const said = await saidSince(mark)
    t.is(said.filter(state => state === 'up').length, 1, said.join(' '))
    t.true((await newFlows(60)).a > 0)
  })

test.serial(
  'a tracker that is killed changes no path, and goes on where it was; what is deleted by hand comes back',
  async t => {
    t.like(await task('prefer', '-e', 'uplink=wan-b'), {code: 0})
    const rules = () => on('gw1', 'ip rule; ip -6 rule; ip route show table 1001; ip -6 route show table 1002')
    const [before, flaps] = [await rules(), (await status()).uplinks.map(uplink => uplink.flaps)]
    const mark = await cursor()
    await on('gw1', 'systemctl kill --signal=KILL --kill-who=main gatewright-mwan')
    t.is(await rules(), before)
    t.deepEqual(await newFlows(), {a: 0, b: 12}, 'the choice stays')
    t.true(await until(async () => (await on('gw1', 'systemctl is-active gatewright-mwan; :')).trim() === 'active'))
    t.deepEqual([await saidSince(mark), (await status()).uplinks.map(uplink => uplink.flaps)], [[], flaps])
    t.is((await status()).override, 'prefer wan-b', 'the override outlives it')
    t.like(await task('release'), {code: 0})
    await on(
      'gw1',
      'ip rule delete priority 10061; ip -6 route flush table 1002; ip route delete default table 1001; nft flush map inet gatewright_mwan choice',
    )
    t.true(await until(async () => (await rules()) === before), await rules())
    t.true(await until(async () => (await on('gw1', 'nft list map inet gatewright_mwan choice')).includes('use_wan-a')))
  },
)

test.serial('only the VRRP master steers', async t => {
  const vrrp = (state: string) =>
    on(
      'gw1',
      `mkdir -p /run/gatewright/vrrp && echo '{"name":"gateway","state":"${state.toUpperCase()}","since":1,"beat":1}' >/run/gatewright/vrrp/state && /etc/gatewright/vrrp.d/30-mwan ${state} gateway`,
    )
  await vrrp('backup')
  t.true(await until(async () => !(await status()).steering))
  await silence('wan-a')
  t.true(await until(async () => (await stateOf('wan-a')) === 'down'), 'the standby watches')
  t.true((await newFlows(40)).a > 0, 'and does not steer')
  await vrrp('master')
  t.true(await until(async () => (await newFlows()).a === 0, {withinMs: 3000}), 'the new master does at once')
  await speak()
})

test.serial(
  'without any uplink the VRRP priority falls and new flows are refused; the first uplink that answers is used',
  async t => {
    await silence('wan-a')
    await silence('wan-b')
    const track = () => on('gw1', 'cat /run/gatewright/track/mwan')
    t.true(await until(async () => (await track()).trim() === '100'))
    // Kernels answer with no more than some such messages a second (icmp(7), icmp_ratelimit).
    const isRefused = async () =>
      /Net(work)? Unreachable|Host Unreachable/i.test(await on('client', 'ping -c 1 -W 1 203.0.113.10 2>&1; :'))
    t.true(await until(isRefused))
    await speak()
    t.true(await until(async () => (await track()).trim() === '0'))
    t.true(
      await until(async () => {
        const {a, b} = await newFlows()
        return a + b === 12
      }),
    )
    t.true(await allUp())
  },
)

test.serial('the tasks tell what they see, and what they would do', async t => {
  const told = await task('status')
  t.is(told.code, 0, told.told)
  t.regex(told.told, /steers; all up/)
  const would = await task('drain', '-e', 'uplink=wan-a', '--check')
  t.is(would.code, 2)
  t.regex(would.told, /would drain wan-a; now: no override/)
  t.like(await task('drain', '-e', 'uplink=wan-a'), {code: 0})
  t.deepEqual(await newFlows(), {a: 0, b: 12})
  t.like(await task('release'), {code: 0})
  t.is((await task('prefer', '-e', 'uplink=wan-z')).code, 3)
})
