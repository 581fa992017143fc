// One key on both gateways: the device follows the VRRP master, and the peer, who roams, follows the device.

import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {gapDuring, kill, LabError, labExec, type Topology, up} from '../../lab/index.ts'
import {eventsOf} from '../support/gatewright.ts'
import {fresh, labUp, onHost} from '../support/site.ts'
import {until} from '../support/until.ts'
import {byHand, type WireguardSite, wireguardSite} from '../support/wireguard-site.ts'

let lab: Topology
let site: WireguardSite
let road = ''
let next = ''
const on = (host: string, script: string): Promise<string> => onHost(lab, host, script)

/** What the mission allows, and what the role aims at, from the last answer to the next. */
const ceilingMs = 10_000
const goalMs = 3000

/** The device of the pair. */
const describe = (changed: object): Promise<void> =>
  site.vars('gateways', {
    wireguard_devices: [
      {
        name: 'wg1',
        private_key: site.lookup('pair.key'),
        addresses: ['10.97.0.1/24'],
        link: 'wan-a',
        source: ['192.0.2.10'],
        follow: 'gateway',
        peers: [{name: 'road', public_key: road, allowed_ips: ['10.97.0.2/32']}],
        ...changed,
      },
    ],
  })

test.before(async t => {
  t.timeout(400_000)
  lab = await labUp()
  await fresh(lab, 'gw1', 'gw2', 'upstream')
  site = await wireguardSite()
  const pair = await site.key('pair')
  road = await site.key('road')
  await describe({})
  await byHand(
    lab,
    'wg1',
    `[Interface]
PrivateKey = ${await site.reveal('road.key')}
ListenPort = 51831
Address = 10.97.0.2/24
[Peer]
PublicKey = ${pair}
Endpoint = 192.0.2.10:51821
AllowedIPs = 10.97.0.1/32
PersistentKeepalive = 5
`,
  )
})
test.after.always(async () => {
  await site?.remove()
  await up(lab)
  await fresh(lab, 'gw1', 'gw2', 'upstream')
})

const answers = async (): Promise<boolean> => (await labExec(lab, 'upstream', 'ping -c 1 -W 1 10.97.0.1')).code === 0
/** A host without power says nothing. */
const says = async (host: string, script: string): Promise<boolean> => {
  try {
    return (await labExec(lab, host, script)).code === 0
  } catch (error) {
    if (error instanceof LabError) return false
    throw error
  }
}
/** Those on which the device is up. */
const holders = async (): Promise<string[]> => {
  const found = await Promise.all(
    ['gw1', 'gw2'].map(async host => ((await says(host, 'wg show wg1 listen-port')) ? [host] : [])),
  )
  return found.flat()
}
const other = (host: string): string => (host === 'gw1' ? 'gw2' : 'gw1')
/** The standby knows where the peer is. */
const isReplicated = async (): Promise<boolean> => {
  const [master = 'gw1'] = await holders()
  return (
    (
      await labExec(
        lab,
        other(master),
        `grep -q '^wg1 ${road} 192.0.2.1:51831 ' /run/gatewright/wireguard/peer-endpoints`,
      )
    ).code === 0
  )
}
const ready = async (): Promise<boolean> =>
  until(async () => (await holders()).length === 1 && (await isReplicated()) && (await answers()), {
    withinMs: 60_000,
    everyMs: 250,
  })

/** How long the peer gets no answer while the device changes its gateway. */
const failover = async (event: (master: string) => Promise<unknown>): Promise<number> => {
  const [master = ''] = await holders()
  const gap = await gapDuring(lab, 'upstream', '10.97.0.1', async () => {
    await event(master)
    await until(async () => (await holders()).includes(other(master)) && (await answers()), {withinMs: 60_000})
  })
  return gap?.gapMs ?? Number.POSITIVE_INFINITY
}

test.serial('the pair converges, the device is up on the master alone, and a second run changes nothing', async t => {
  t.timeout(300_000)
  const first = await site.play('pair')
  t.is(first.code, 0, first.stderr)
  t.true(
    await ready(),
    await on(
      'gw2',
      'journalctl -u gatewright-wireguard -u gatewright-wireguard-endpoints.socket --no-pager | tail -n 30',
    ),
  )
  const second = await site.play('pair')
  t.is(second.code, 0, second.stderr)
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({counts}) => counts.changed),
    [0, 0],
  )
})

test.serial('the peer sees the virtual address alone', async t => {
  t.is((await on('upstream', 'wg show wg1 endpoints')).trim().split('\t')[1], '192.0.2.10:51821')
  await sleep(6000)
  t.is((await on('upstream', 'wg show wg1 endpoints')).trim().split('\t')[1], '192.0.2.10:51821')
})

test.serial('endpoints are told on the sync link alone, each 2 s, without a line in the journal', async t => {
  const [master = ''] = await holders()
  t.regex(await on(master, 'ss -Hltn sport = :51819'), /10\.10\.255\.\d%sync:51819/)
  t.is(
    (await labExec(lab, 'upstream', `timeout 2 bash -c 'exec 3<>/dev/tcp/192.0.2.${master === 'gw1' ? 2 : 3}/51819'`))
      .code === 0,
    false,
  )
  t.is(await on(master, "journalctl --no-pager -o cat | grep -c 'Tells the other gateway'; :"), '0\n')
  t.notRegex(
    await on(master, 'cat /run/gatewright/wireguard/*.look /run/gatewright/wireguard/endpoints'),
    new RegExp((await site.reveal('pair.key')).slice(0, 20).replaceAll('+', '\\+')),
  )
})

test.serial('a planned switch and a power cut move the device with the addresses', async t => {
  t.timeout(300_000)
  t.true(await ready())
  const planned = await failover(() => site.task('gateways', 'vrrp.switchover'))
  t.log(`planned switch: ${planned.toFixed(0)} ms without an answer`)
  t.true(planned < ceilingMs)
  t.true(await ready())
  const figures: number[] = []
  for (let round = 0; round < 2; round++) {
    const [master = ''] = await holders()
    figures.push(await failover(host => kill(lab, host)))
    await up(lab)
    t.true(
      await until(
        async () => (await labExec(lab, master, 'systemctl is-active keepalived')).stdout.trim() === 'active',
      ),
    )
    t.true(await ready(), 'the one that comes back stays behind, and learns')
    t.deepEqual(await holders(), [other(master)])
  }
  t.log(`power cut: ${figures.map(each => each.toFixed(0)).join(', ')} ms without an answer (goal ${goalMs} ms)`)
  t.true(Math.max(...figures) < ceilingMs)
})

test.serial('without what the other gateway has told, the peer waits for its own timers', async t => {
  t.timeout(200_000)
  t.true(await ready())
  const [master = ''] = await holders()
  const standby = other(master)
  await on(master, 'systemctl stop gatewright-wireguard-endpoints.socket')
  await sleep(3000)
  await on(standby, 'rm -f /run/gatewright/wireguard/peer-endpoints /run/gatewright/wireguard/endpoints')
  const alone = await failover(host => kill(lab, host))
  t.log(`power cut without replicated endpoints: ${(alone / 1000).toFixed(1)} s without an answer`)
  t.true(alone > goalMs)
  await up(lab)
  t.true(await ready())
})

test.serial(
  'a device that somebody sets up on the standby is taken down, and one deleted on the master comes back',
  async t => {
    t.true(await ready())
    const [master = ''] = await holders()
    const lowered = (): Promise<string> =>
      on(
        other(master),
        "journalctl -t gatewright-wireguard -o cat --no-pager | grep -c 'wg1 is down: this gateway is not master'; :",
      )
    const before = await lowered()
    // The watcher may be quicker than the start, which is cancelled then.
    await on(other(master), 'systemctl start wg-quick@wg1 || :')
    t.true(await until(async () => (await lowered()) !== before && (await holders()).join() === master))
    await on(master, 'ip link delete wg1')
    t.true(await until(async () => (await holders()).join() === master && (await answers())))
    t.regex(await on(master, 'journalctl -t gatewright-wireguard -o cat --no-pager'), /wg1 is gone: it is made again/)
  },
)

test.serial('a key changes on both gateways, and is the one that the standby comes up with', async t => {
  t.timeout(300_000)
  next = await site.key('pair', '--next')
  await describe({next_private_key: site.lookup('pair.next.key')})
  const prepared = await site.play('pair')
  t.is(prepared.code, 0, prepared.stderr)
  t.true(await ready())
  // The far end is no host of ours: it accepts the next key, and sends to it when it has shaken hands.
  const follow = labExec(
    lab,
    'upstream',
    `wg set wg1 peer '${next}'
until wg show wg1 latest-handshakes | grep -qF '${next}' && ! wg show wg1 latest-handshakes | grep -qxF "$(printf '${next}\t0')"; do sleep 0.1; done
wg set wg1 peer '${next}' allowed-ips 10.97.0.1/32 persistent-keepalive 5`,
    {timeoutMs: 120_000},
  )
  const gap = await gapDuring(lab, 'upstream', '10.97.0.1', async () => {
    const done = await site.task('gateways', 'wireguard.rotate')
    t.is(done.code, 0, done.stderr)
    t.is((await follow).code, 0)
  })
  t.log(`rotation on a pair: ${gap?.gapMs.toFixed(0)} ms without an answer`)
  t.true((gap?.gapMs ?? ceilingMs) < ceilingMs)
  const [master = ''] = await holders()
  t.is((await on(master, 'wg show wg1 public-key')).trim(), next)
  t.true(await ready())
  await failover(() => site.task('gateways', 'vrrp.switchover'))
  t.true(await ready())
  t.deepEqual(await holders(), [other(master)])
  t.is((await on(other(master), 'wg show wg1 public-key')).trim(), next)
})
