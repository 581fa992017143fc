// The main job on real hosts: a playbook provisions two gateways, the task moves the address, a cut moves it by itself.

import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import test from 'ava'
import {cut, gapDuring, heal, labExec, type Topology} from '../../lab/index.ts'
import {eventsOf, gatewright, root} from '../support/gatewright.ts'
import {inventory, labUp, site} from '../support/site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const address = '10.10.0.1'
const holds = async (host: string): Promise<boolean> =>
  (await labExec(lab, host, ['ip', '-oneline', 'address', 'show', 'to', address])).stdout !== ''
const until = async (reached: () => Promise<boolean>): Promise<boolean> => {
  const deadline = performance.now() + 15_000
  while (performance.now() < deadline) {
    if (await reached()) return true
    await sleep(50)
  }
  return false
}
test.serial('one playbook provisions both gateways, one after the other, and a second run changes nothing', async t => {
  const first = await gatewright('play', site, '-i', inventory, '--json')
  t.is(first.code, 0, first.stderr)
  t.deepEqual(
    eventsOf(first.events, 'batch-start').map(({hosts}) => hosts),
    [['gw1'], ['gw2']],
  )
  const second = await gatewright('play', site, '-i', inventory, '--json')
  t.is(second.code, 0)
  t.deepEqual(
    eventsOf(second.events, 'summary')[0]?.hosts.map(({status, counts}) => [status, counts.changed]),
    [
      ['ok', 0],
      ['ok', 0],
    ],
  )
  t.true(
    await until(async () => (await holds('gw1')) !== (await holds('gw2'))),
    'exactly one gateway holds the address',
  )
})

test.serial('the running daemon is realtime, speaks VRRP version 3 and sends from one gateway only', async t => {
  const {stdout} = await labExec(
    lab,
    'gw1',
    'chrt -p $(pidof keepalived | tr " " "\\n" | sort -n | tail -n 1); timeout 2 tcpdump -c 5 -nn -i sync vrrp 2>/dev/null; :',
  )
  t.regex(stdout, /SCHED_RR/)
  t.regex(stdout, /VRRPv3, Advertisement, vrid 110/)
  t.is(new Set(stdout.match(/IP \S+ > 10\.10\.255\.\d/g)).size, 1)
})

test.serial('a reload leaves the VRRP process alive, realtime, and the address where it is', async t => {
  const process = async (): Promise<string> =>
    (
      await labExec(
        lab,
        'gw1',
        'for pid in $(pidof keepalived | tr " " "\\n" | sort -n); do echo $pid; chrt -p $pid; done',
      )
    ).stdout
  const before = await process()
  t.is(before.match(/SCHED_RR/g)?.length, 2)
  const holder = await holds('gw1')
  const run = await gatewright('play', site, '-i', inventory, '--json', '-e', '{vrrp_garp_refresh: 45}')
  t.is(run.code, 0, run.stderr)
  t.true(eventsOf(run.events, 'item-end', 'gw1').some(({item}) => item.id === 'handler reload keepalived'))
  // keepalived 2.2.7 could be killed by its realtime limit up to ten seconds after a reload.
  await new Promise(resolve => setTimeout(resolve, 12_000))
  t.is(await process(), before)
  t.is(await holds('gw1'), holder)
  t.is((await gatewright('play', site, '-i', inventory, '--json')).code, 0)
})

test.serial('the task vrrp.verify finds the pair in order, and says that a gateway is out of service', async t => {
  const task = (hosts: string, name: string, ...args: string[]) =>
    gatewright('task', hosts, name, '-i', inventory, '--become', '--json', ...args)
  const well = await task('gateways', 'vrrp.verify')
  t.is(well.code, 0, well.stderr)
  const backup = (await holds('gw1')) ? 'gw2' : 'gw1'
  t.is((await task(backup, 'vrrp.maintenance', '-e', 'state=on')).code, 0)
  const sick = await task('gateways', 'vrrp.verify', '--check')
  t.not(sick.code, 0)
  t.regex(JSON.stringify(sick.events), new RegExp(`${backup} is FAULT`))
  const other = backup === 'gw1' ? 'gw2' : 'gw1'
  t.is((await task(other, 'vrrp.maintenance', '-e', 'state=on')).code, 6, 'nobody could take the addresses')
  t.is((await task(backup, 'vrrp.maintenance', '-e', 'state=off')).code, 0)
})

test.serial('a host that refuses realtime scheduling has VRRP without it, and the run says so', async t => {
  const dropIn = '/etc/systemd/system/keepalived.service.d/zz-test.conf'
  const backup = (await holds('gw1')) ? 'gw2' : 'gw1'
  const restart = 'systemctl daemon-reload && systemctl restart keepalived && systemctl is-active keepalived'
  const {stdout} = await labExec(lab, backup, `printf '[Service]\\nRestrictRealtime=yes\\n' >${dropIn} && ${restart}`)
  t.is(stdout, 'active\n')
  const run = await gatewright('check', site, '-i', inventory, '--json')
  t.regex(JSON.stringify(eventsOf(run.events, 'planned', backup)), /realtime scheduling is refused/)
  t.is((await labExec(lab, backup, `rm ${dropIn} && ${restart}`)).stdout, 'active\n')
  t.regex((await labExec(lab, backup, 'chrt -p $(cat /run/vrrp.pid)')).stdout, /SCHED_RR/)
})

test.serial('the task moves the address to a named gateway, and to the other one when none is named', async t => {
  const task = (...args: string[]) =>
    gatewright('task', 'gateways', 'vrrp.switchover', '-i', inventory, '--become', '--json', ...args)
  t.is((await task('-e', 'to=gw1')).code, 0)
  t.true((await holds('gw1')) && !(await holds('gw2')))
  const idle = await task('-e', 'to=gw1')
  t.is(eventsOf(idle.events, 'item-end', 'gw1')[0]?.item.verdict, 'ok')
  const gap = await gapDuring(lab, 'client', address, async () => {
    const moved = await task()
    t.is(moved.code, 0, moved.stderr)
  })
  t.true((await holds('gw2')) && !(await holds('gw1')))
  t.truthy(gap, 'a gap was measured')
  t.log(`planned switch: ${gap?.gapMs.toFixed(0)} ms, ${gap?.lost} probes lost`)
  t.true((gap?.periodMs ?? 99) <= 10 && (gap?.gapMs ?? 9999) < 3000)
  t.is(
    (await labExec(lab, 'gw1', 'systemctl is-active keepalived; cat /etc/keepalived/maintenance')).stdout,
    'active\n0\n',
  )
  const wrong = await task('-e', 'to=gw9')
  t.is(wrong.code, 3)
  t.regex(JSON.stringify(wrong.events), /to=gw9 is no gateway of this pair: gw1, gw2/)
})

test.serial('the playbook switchover.yml does the same, and check mode tells what it would do', async t => {
  const playbook = join(root, 'playbooks/switchover.yml')
  const told = await gatewright('check', playbook, '-i', inventory, '--json')
  t.is(told.code, 2, told.stderr)
  const [item] = eventsOf(told.events, 'planned', 'gw1')[0]?.items ?? []
  t.is(item?.verdict, 'changed')
  t.is(item?.reason, '10.10.0.1 would move from gw2 to gw1')
  t.true(await holds('gw2'), 'check moved nothing')
  t.is((await gatewright('play', playbook, '-i', inventory, '--json')).code, 0)
  t.true(await holds('gw1'))
  t.is((await gatewright('play', playbook, '-i', inventory, '--json', '-e', 'to=gw2')).code, 0)
  t.true(await holds('gw2'))
})

test.serial("the address survives the loss of the master's LAN cable", async t => {
  t.true(await holds('gw2'))
  const gap = await gapDuring(lab, 'client', address, async () => {
    await cut(lab, 'gw2', 'lan')
    t.true(await until(() => holds('gw1')), 'gw1 holds the address')
  })
  t.truthy(gap, 'a gap was measured')
  t.log(`cable pulled: ${gap?.gapMs.toFixed(0)} ms, ${gap?.lost} probes lost`)
  t.true((gap?.gapMs ?? 9999) < 3000)
  await heal(lab, 'gw2', 'lan')
  t.true(await until(async () => !(await holds('gw2'))))
  t.true(await holds('gw1'), 'nopreempt: it stays where it is')
})
