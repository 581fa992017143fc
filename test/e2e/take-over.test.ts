// What people behind the gateways notice: the ways in which a master goes, under a UDP probe each 5 ms and 50 TCP sessions
// through NAT and a firewall that drops what it does not know.
import test, {type ExecutionContext} from 'ava'
import {cut, heal, kill, labExec, reboot, type Topology} from '../../lab/index.ts'
import {gatewright} from '../support/gatewright.ts'
import {inventory, labUp, onHost, site} from '../support/site.ts'
import {outward, sayOutage, saySessions, type Traffic, underTraffic} from '../support/traffic.ts'
import {until} from '../support/until.ts'

/** The mission's ceiling for a failover. */
const limitMs = 3000
const gateways = ['gw1', 'gw2'] as const
type Gateway = (typeof gateways)[number]

let lab: Topology
test.before(async t => {
  t.timeout(300_000)
  lab = await labUp()
  await play(t)
  for (const gateway of gateways) await prepare(gateway)
})

const play = async (t: ExecutionContext, ...extra: string[]): Promise<void> => {
  const run = await gatewright('play', site, '-i', inventory, '--json', ...extra)
  t.is(run.code, 0, run.stderr)
}

/** A way to the internet, and no connection through the gateway but those whose beginning it, or its peer, has seen. */
const prepare = (gateway: Gateway): Promise<string> =>
  onHost(
    lab,
    gateway,
    `ip route replace default via 192.0.2.1
nft -f - <<'END'
table inet test_drop
delete table inet test_drop
table inet test_drop {
  chain forward {
    type filter hook forward priority 10; policy drop;
    ct state established,related accept
    iifname lan meta l4proto udp accept
    iifname lan tcp flags & (fin | syn | rst | ack) == syn ct state new accept
    counter
  }
}
END`,
  )

type State = {readonly state: string; readonly beat: number}
const stateOf = async (gateway: Gateway): Promise<string> => {
  const {stdout} = await labExec(lab, gateway, 'cat /run/gatewright/vrrp/state')
  if (stdout === '') return 'none'
  const found: State = JSON.parse(stdout)
  return found.state
}
const isMaster = async (gateway: Gateway): Promise<boolean> => (await stateOf(gateway)) === 'MASTER'
const otherThan = (gateway: Gateway): Gateway => (gateway === 'gw1' ? 'gw2' : 'gw1')
const masterNow = async (): Promise<Gateway> => {
  await until(async () => (await isMaster('gw1')) !== (await isMaster('gw2')))
  return (await isMaster('gw1')) ? 'gw1' : 'gw2'
}
/** The pair is whole: one is master, and the other one could be. */
const whole = async (t: ExecutionContext): Promise<Gateway> => {
  const master = await masterNow()
  t.true(await until(async () => (await stateOf(otherThan(master))) === 'BACKUP'), `${otherThan(master)} is no backup`)
  return master
}

const measured = async (
  t: ExecutionContext,
  title: string,
  event: () => Promise<unknown>,
): Promise<Traffic<'outward'>> => {
  const traffic = await underTraffic(lab, {probes: {outward}, sessions: outward}, async () => {
    await event()
  })
  t.log(`${title}: ${sayOutage(traffic.outages.outward)}; ${saySessions(traffic.sessions)}`)
  return traffic
}

/** The master goes by `event`, the other one takes over, and nobody loses a session. */
const takeOver = async (
  t: ExecutionContext,
  title: string,
  event: (master: Gateway) => Promise<unknown>,
): Promise<Gateway> => {
  const master = await whole(t)
  const {outages, sessions} = await measured(t, title, async () => {
    await event(master)
    t.true(await until(() => isMaster(otherThan(master))), `${otherThan(master)} took over`)
  })
  t.true(outages.outward.gapMs < limitMs, `${outages.outward.gapMs} ms`)
  t.is(sessions.survived, 50, saySessions(sessions))
  return master
}

const switchTo = async (t: ExecutionContext, to: Gateway): Promise<void> => {
  const run = await gatewright(
    'task',
    'gateways',
    'vrrp.switchover',
    '-i',
    inventory,
    '--become',
    '--json',
    '-e',
    `to=${to}`,
  )
  t.is(run.code, 0, run.stderr)
}
const pulled = async (t: ExecutionContext, title: string, link: string): Promise<void> => {
  const master = await takeOver(t, title, gateway => cut(lab, gateway, link))
  t.is(await stateOf(master), 'FAULT')
  await heal(lab, master, link)
}

test.serial('a planned switch and the way back', async t => {
  await takeOver(t, 'planned switch', master => switchTo(t, otherThan(master)))
  await takeOver(t, 'fail-back', master => switchTo(t, otherThan(master)))
})

test.serial("the master's LAN cable is pulled, then the other one's WAN cable", async t => {
  await pulled(t, 'LAN cable', 'lan')
  await pulled(t, 'WAN cable', 'wan-a')
})

test.serial(
  'the master loses its power, comes back without taking anything, and knows all sessions when it has to',
  async t => {
    const crashed = await takeOver(t, 'crash', master => kill(lab, master))
    await reboot(lab, crashed)
    await prepare(crashed)
    t.true(await until(async () => (await stateOf(crashed)) === 'BACKUP', {withinMs: 30_000}))
    t.regex(
      await onHost(lab, crashed, 'journalctl -b -o cat -u gatewright-vrrp-ready'),
      /the connections of the peer are here/,
    )
    t.is(await masterNow(), otherThan(crashed), 'nopreempt')
  },
)

test.serial('sessions that began while one gateway was down are known to it when it is back', async t => {
  const master = await whole(t)
  const backup = otherThan(master)
  await kill(lab, backup)
  const {sessions} = await measured(t, 'power off and on, then a switch', async () => {
    await reboot(lab, backup)
    await prepare(backup)
    await whole(t)
    await switchTo(t, backup)
  })
  t.is(sessions.survived, 50)
})

test.serial('keepalived is killed: the peer takes over before it is started again, and both see that', async t => {
  const killed = await takeOver(t, 'keepalived killed', master =>
    onHost(lab, master, 'systemctl kill -s KILL keepalived'),
  )
  t.true(await until(async () => (await stateOf(killed)) === 'BACKUP'))
  t.is((await labExec(lab, killed, 'ip -oneline address show to 192.0.2.10')).stdout, '')
})

test.serial(
  'a sync link without a carrier on both sides leaves one master, and a crash is survived without it',
  async t => {
    const master = await whole(t)
    const other = otherThan(master)
    const {outages, sessions} = await measured(t, 'sync cable', async () => {
      for (const gateway of gateways) await cut(lab, gateway, 'sync')
      t.true(await until(async () => (await stateOf(master)) === 'FAULT'), `${master} gives up`)
    })
    t.is(await stateOf(other), 'MASTER')
    t.true(outages.outward.gapMs < limitMs, `${outages.outward.gapMs} ms`)
    t.is(sessions.survived, 50, saySessions(sessions))
    await kill(lab, other)
    t.true(await until(() => isMaster(master)), `${master} takes over from a gateway that is gone`)
    for (const gateway of gateways) await heal(lab, gateway, 'sync')
    await reboot(lab, other)
    await prepare(other)
    await whole(t)
  },
)

test.serial('without conntrackd the same sessions are lost', async t => {
  const master = await whole(t)
  for (const gateway of gateways) await onHost(lab, gateway, 'systemctl stop conntrackd')
  const {sessions, outages} = await measured(t, 'no conntrackd', async () => {
    await cut(lab, master, 'lan')
    await until(() => isMaster(otherThan(master)))
  })
  t.true(outages.outward.gapMs < limitMs)
  t.is(sessions.survived, 0)
  await heal(lab, master, 'lan')
  for (const gateway of gateways) await onHost(lab, gateway, 'systemctl start conntrackd')
})

test.serial('one instance in each segment: a crash, a LAN cable and a WAN cable', async t => {
  await play(t, '-e', '{vrrp_layout: grouped}')
  await pulled(t, 'grouped, LAN cable', 'lan')
  await pulled(t, 'grouped, WAN cable', 'wan-a')
  const crashed = await takeOver(t, 'grouped, crash', master => kill(lab, master))
  await reboot(lab, crashed)
})
