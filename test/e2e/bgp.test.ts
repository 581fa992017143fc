// The role bgp on real gateways between real providers: both ways of every packet are measured.
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {cut, heal, labExec, type Topology} from '../../lab/index.ts'
import '../../src/resolve.ts'
import {applied, eventsOf, type Finished, gatewright, root} from '../support/gatewright.ts'
import {startProbe} from '../support/probe.ts'
import {hear, silence} from '../support/silence.ts'
import {inventory, labUp, onHost} from '../support/site.ts'
import {inward, outward, sayOutage} from '../support/traffic.ts'
import {until} from '../support/until.ts'
import {pathsAtUpstream, routeAtUpstream, seenByBfd, sessionsOf, startUpstream} from '../support/upstream.ts'

const playbook = join(root, 'test/fixtures/bgp/pair.yml')
const gateways = ['gw1', 'gw2'] as const
const network = '203.0.113.128/25'
let lab: Topology
test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await startUpstream(lab)
})
test.afterEach.always(async () => {
  for (const gateway of gateways) {
    for (const link of ['wan-a', 'wan-b']) {
      await hear(lab, gateway, link)
      await heal(lab, gateway, link)
    }
  }
})

const play = (...args: string[]): Promise<Finished> => gatewright('play', playbook, '-i', inventory, '--json', ...args)
const task = (host: string, name: string, ...args: string[]): Promise<Finished> =>
  gatewright('task', host, name, '-i', inventory, '--become', '--json', ...args)
const stateOf = async (gateway: string): Promise<string> =>
  /"state":"(\w+)"/.exec(await onHost(lab, gateway, 'cat /run/gatewright/vrrp/state 2>/dev/null || :'))?.[1] ?? 'none'
const masterOf = async (): Promise<(typeof gateways)[number] | undefined> => {
  const [one, two] = await Promise.all(gateways.map(stateOf))
  if (one === 'MASTER' && two === 'BACKUP') return 'gw1'
  return two === 'MASTER' && one === 'BACKUP' ? 'gw2' : undefined
}
const lastOctet = {gw1: 2, gw2: 3} as const
/** Where the providers send what is for our network: which gateway, on which link. */
const wayBack = async (): Promise<string> => {
  const {device = '', via = ''} = (await routeAtUpstream(lab, inward.address)) ?? {}
  const gateway = gateways.find(each => via.endsWith(`.${lastOctet[each]}`)) ?? 'nobody'
  return `${gateway} ${device}`
}
const linkOf = (way: string): string => way.split(' ')[1] ?? ''
const leadsTo = async (gateway: string): Promise<boolean> => (await wayBack()).startsWith(`${gateway} `)
/** All is up: sessions, BFD, one master, and packets for our network go to it. */
const settled = async (t: ExecutionContext, {bfd = true} = {}): Promise<(typeof gateways)[number]> => {
  const isUp = async (): Promise<boolean> =>
    Object.values(await sessionsOf(lab)).every(state => state === 'Established') &&
    (!bfd || (await seenByBfd(lab)).length === 8)
  t.true(await until(isUp, {withinMs: 40_000, everyMs: 300}), JSON.stringify(await sessionsOf(lab)))
  t.true(await until(async () => (await masterOf()) !== undefined, {withinMs: 40_000}), 'one gateway is master')
  const master = (await masterOf()) ?? 'gw1'
  t.true(
    await until(() => leadsTo(master), {withinMs: 20_000, everyMs: 200}),
    `return traffic goes to ${master}: ${await whatIs(master)}`,
  )
  return master
}
/** For who reads a failure. */
const whatIs = async (gateway: string): Promise<string> =>
  JSON.stringify((await pathsAtUpstream(lab))[network]) +
  (await onHost(
    lab,
    gateway,
    `cat /run/gatewright/vrrp/state; ip route show proto 103; vtysh -c 'show bgp ipv4 unicast' -c 'show bgp ipv4 unicast ${network}'
journalctl -u gatewright-bgp-watch -u keepalived -n 10 --no-pager`,
  ))
/** From the client's own public address: what has a provider's address (NAT) is bound to that provider. */
const routed = {...outward, source: inward.address}
/** Both directions through an event; it has passed when `over` says so. */
const outagesOf = async (event: () => Promise<unknown>, over: () => Promise<boolean>) => {
  const probes = [await startProbe(lab, routed), await startProbe(lab, inward)]
  await event()
  await until(over, {withinMs: 20_000})
  await until(() => false, {withinMs: 500})
  const [out, back] = await Promise.all(probes.map(probe => probe.stop()))
  if (!out || !back) throw new Error('two probes')
  return {out, back}
}

test.serial('a playbook brings up every session; a second run changes nothing', async t => {
  t.timeout(600_000)
  const first = await play()
  t.is(first.code, 0, first.stderr + first.stdout.slice(-2000))
  await settled(t)
  const second = await play()
  t.deepEqual([second.code, applied(second.events, 'gw1'), applied(second.events, 'gw2')], [0, [], []])
  t.is((await task('gateways', 'bgp.verify')).code, 0)
})

test.serial('what runs is what was rendered, line for line, and frr-reload has nothing to do', async t => {
  for (const gateway of gateways) {
    const running = await onHost(lab, gateway, "VTYSH_HISTFILE=/dev/null vtysh -c 'show running-config'")
    t.is(running.replace(/^Building[^]*?!\n/, ''), await onHost(lab, gateway, 'cat /etc/frr/frr.conf'))
    const reload = await onHost(lab, gateway, '/usr/lib/frr/frr-reload.py --test /etc/frr/frr.conf 2>/dev/null')
    t.is(reload.trim(), '')
  }
})

const {officeHost, officePeer, officeVars} = await import('../../roles/bgp/test/fixtures.ts')
const {bgpView} = await import('../../roles/bgp/view.ts')
const {frrConf} = await import('../../roles/bgp/templates/frr-conf.ts')
const {validateFrrConf} = await import('../../roles/bgp/validate.ts')

test.serial(
  "FRR's own checkers accept what is rendered for two networks, and what they refuse is not put in place",
  async t => {
    const written = await onHost(lab, 'gw1', 'cat /etc/frr/frr.conf')
    const office = frrConf(bgpView(officeVars, officeHost, [officePeer]))
    const judge = (text: string) =>
      labExec(lab, 'gw1', `cat >/tmp/judged.conf\n${validateFrrConf('/tmp/judged.conf').text}`, {input: text})
    for (const text of [written, office]) {
      const {code, stdout, stderr} = await judge(text)
      t.deepEqual([code, stdout, stderr], [0, '', ''])
    }
    for (const [from, to] of [
      ['ttl-security hops 1', 'ttl-security hopps 1'],
      // vtysh -C passes both of these, and bgpd -C ends with 0.
      ['neighbor 172.20.12.1 remote-as 64700', 'neighbor 172.20.12.99 remote-as 64700'],
      ['prefix-list internet seq 5 permit ::/0 le 48', 'prefix-list internet seq 5 permit 2001:db8::/32 ge 8 le 48'],
      ['  detect-multiplier 5', '  detect-multiplier 1'],
    ] as const) {
      t.true(office.includes(from), from)
      const {code, stdout} = await judge(office.replace(from, to))
      t.not(code, 0, to)
      t.not(stdout, '', to)
      t.notRegex(stdout, /correct-horse|battery-staple/)
    }
  },
)

test.serial('the master announces best, the backup worse, our network alone, and marks stay inside', async t => {
  const master = await settled(t)
  const {[network]: paths = [], '2001:db8:5000::/48': six = [], ...others} = await pathsAtUpstream(lab)
  t.deepEqual(others, {})
  t.deepEqual([paths.length, six.length], [4, 4])
  for (const {from, asPath, med} of paths) {
    const isMaster = from.endsWith(`.${lastOctet[master]}`)
    t.deepEqual([asPath, med], isMaster ? ['65010', 100] : ['65010 65010 65010', 200], from)
  }
  t.notRegex(await onHost(lab, 'upstream', `vtysh -c 'show bgp ipv4 unicast ${network}'`), /Community/)
})

test.serial('a neighbor that falls silent is left within a second, in both directions', async t => {
  const master = await settled(t)
  const before = await wayBack()
  const {out, back} = await outagesOf(
    () => silence(lab, master, linkOf(before)),
    async () => (await wayBack()) !== before,
  )
  t.log(`out ${sayOutage(out)}`)
  t.log(`back ${sayOutage(back)}`)
  t.true(out.gapMs < 10_000 && back.gapMs < 10_000)
  t.true(back.lost > 0, 'it was in the way')
  t.is(await masterOf(), master, 'no reason to move the virtual address')
})

test.serial('a master that hears none of its providers gives the virtual address to the other, which does', async t => {
  const master = await settled(t)
  for (const link of ['wan-a', 'wan-b']) await silence(lab, master, link)
  t.true(await until(async () => (await stateOf(master)) === 'FAULT', {withinMs: 15_000}))
  for (const link of ['wan-a', 'wan-b']) await hear(lab, master, link)
  t.not(await settled(t), master)
})

test.serial('a cable that is pulled is noticed within a second', async t => {
  const master = await settled(t)
  const before = await wayBack()
  const {out, back} = await outagesOf(
    () => cut(lab, master, linkOf(before)),
    async () => (await wayBack()) !== before,
  )
  t.log(`out ${sayOutage(out)}`)
  t.log(`back ${sayOutage(back)}`)
  t.true(out.gapMs < 1000 && back.gapMs < 1000)
})

test.serial('return traffic follows the virtual address when that is moved', async t => {
  const master = await settled(t)
  const other = master === 'gw1' ? 'gw2' : 'gw1'
  const {out, back} = await outagesOf(
    async () => t.is((await task('gateways', 'vrrp.switchover', '-e', `to=${other}`)).code, 0),
    () => leadsTo(other),
  )
  t.is(await settled(t), other)
  t.log(`out ${sayOutage(out)}`)
  t.log(`back ${sayOutage(back)}`)
  t.true(out.gapMs < 3000 && back.gapMs < 3000)
})

test.serial(
  'a drained gateway announces GRACEFUL_SHUTDOWN, its configuration unchanged, until it is told otherwise',
  async t => {
    const master = await settled(t)
    t.is((await task(master, 'bgp.drain')).code, 0)
    t.true(await until(async () => !(await leadsTo(master))))
    t.regex(
      await onHost(lab, 'upstream', `vtysh -c 'show bgp ipv4 unicast ${network}'`),
      /Community: graceful-shutdown/,
    )
    const check = await gatewright('check', playbook, '-i', inventory, '--json')
    t.is(check.code, 0, 'no difference')
    t.is(eventsOf((await task(master, 'bgp.drain')).events, 'item-end', master)[0]?.item.verdict, 'ok')
    t.is((await task(master, 'bgp.drain', '-e', 'off=true')).code, 0)
    t.is(await settled(t), master)
  },
)

test.serial('a new description ends no session; what somebody has typed is shown and taken back', async t => {
  const master = await settled(t)
  const since = (): Promise<string> =>
    onHost(
      lab,
      master,
      'for n in 192.0.2.1 198.51.100.1 2001:db8:a::1; do vtysh -c "show bgp neighbors $n" | grep -E \'Connections established|Local host\'; done',
    )
  const before = await since()
  const changed = await play('-e', '{bgp_max_prefix_restart: 31}')
  t.is(changed.code, 0, changed.stderr)
  t.true(eventsOf(changed.events, 'item-end', master).some(({item}) => item.id === 'handler reload frr'))
  t.is(await since(), before)
  await onHost(lab, master, "vtysh -c 'configure terminal' -c 'router bgp 65010' -c 'neighbor 192.0.2.1 timers 5 15'")
  const back = await play()
  t.is(back.code, 0, back.stderr)
  const told = applied(back.events, master).find(line => line.includes('running-config frr'))
  t.regex(told ?? '', /neighbor 192\.0\.2\.1 timers 5 15/)
  t.is((await gatewright('check', playbook, '-i', inventory, '--json')).code, 0)
})

test.serial('a drill silences one session, and the host brings it back by itself', async t => {
  const master = await settled(t)
  t.is((await task(master, 'bgp.silence', '-e', 'neighbor=198.51.100.9')).code, 3)
  const silenced = `${master} wan-b 198.51.100.${lastOctet[master]}`
  const drill = task(master, 'bgp.silence', '-e', 'neighbor=198.51.100.1', '-e', 'seconds=8')
  t.true(await until(async () => (await sessionsOf(lab))[silenced] !== 'Established', {withinMs: 30_000}))
  t.is((await drill).code, 0)
  await settled(t)
})

test.serial(
  'a gateway without bgpd gives the virtual address away, and takes part again when its routes are back',
  async t => {
    const master = await settled(t)
    await onHost(lab, master, 'kill -9 $(pidof bgpd)')
    t.true(await until(async () => (await stateOf(master)) === 'FAULT', {withinMs: 5000}))
    t.true(await until(async () => (await masterOf()) !== undefined, {withinMs: 40_000}))
    t.not(await settled(t), master)
  },
)

test.serial('without BFD the same silence takes longer than a second: the hold time', async t => {
  await startUpstream(lab, {bfd: false})
  const master = await settled(t, {bfd: false})
  const before = await wayBack()
  const {back} = await outagesOf(
    () => silence(lab, master, linkOf(before)),
    async () => (await wayBack()) !== before,
  )
  t.log(`back ${sayOutage(back)}`)
  t.true(back.gapMs > 1000 && back.gapMs < 10_000)
})
