// A table of nftables on a real kernel: predicted on a fresh host, loaded at boot, and taken back where hands changed it.
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {reboot, type Topology} from '../../lab/index.ts'
import {applied, eventsOf, gatewright, predicted, root} from '../support/gatewright.ts'
import {differences, hostState} from '../support/host-state.ts'
import {inventory, labUp, onHost} from '../support/site.ts'

let lab: Topology
test.before(async () => {
  lab = await labUp()
})

const rules = `
set seen {
  type ipv4_addr
  flags dynamic, timeout
  timeout 1m
}
chain input {
  type filter hook input priority 10; policy accept;
  ip saddr 10.10.254.1 counter update @seen { ip saddr }
  tcp dport { 7777, 8888 } drop comment "no } end"
}`
const run = (command: string, body = rules) =>
  gatewright(
    command,
    join(root, 'test/fixtures/guarded/packets.yml'),
    '-i',
    inventory,
    '--json',
    '-e',
    JSON.stringify({packets_rules: body}),
  )
const rightNow = async (t: ExecutionContext, message: string): Promise<void> => {
  t.deepEqual(predicted((await run('check')).events, 'gw1'), [], message)
}

test.serial('on a fresh host check says what apply does, and what the kernel counts is no change', async t => {
  const before = await hostState(lab, 'gw1')
  const told = predicted((await run('check')).events, 'gw1')
  t.deepEqual(differences(before, await hostState(lab, 'gw1')), [])
  const done = await run('play')
  t.is(done.code, 0, JSON.stringify(eventsOf(done.events, 'host-failed')))
  t.deepEqual(applied(done.events, 'gw1'), told)
  t.log(told.map(line => line.split(':')[0]).join('\n'))
  t.regex(await onHost(lab, 'gw1', 'nft list set inet gatewright_test seen'), /10\.10\.254\.1/)
  await rightNow(t, 'a set that packets filled is no change')
})

test.serial('hands are seen and taken back; other tables stay', async t => {
  await onHost(lab, 'gw1', 'nft add table inet other; nft insert rule inet gatewright_test input tcp dport 9999 drop')
  const told = await run('check')
  t.is(eventsOf(told.events, 'planned', 'gw1')[0]?.items.filter(({verdict}) => verdict === 'changed').length, 1)
  t.regex(predicted(told.events, 'gw1').join(), /nft-table gatewright_test: live .*9999/)
  t.is((await run('play')).code, 0)
  t.notRegex(await onHost(lab, 'gw1', 'nft list ruleset'), /9999/)
  await onHost(lab, 'gw1', 'nft delete table inet gatewright_test')
  t.regex(predicted((await run('check')).events, 'gw1').join(), /live "absent" -> "loaded"$/)
  t.is((await run('play')).code, 0)
  await rightNow(t, 'loaded again')
  await onHost(lab, 'gw1', 'nft delete table inet other; nft list table inet gatewright_test')
})

test.serial('rules that the kernel refuses leave file and table as they were', async t => {
  const before = await hostState(lab, 'gw1')
  for (const wrong of [
    'chain a {\n nonsense\n}',
    'flowtable f {\n hook ingress priority 0; devices = { nodevice };\n}',
  ]) {
    const refused = await run('play', wrong)
    t.is(refused.code, 3)
    t.regex(eventsOf(refused.events, 'host-failed')[0]?.message ?? '', /nonsense|nodevice|flowtable/)
    const after = await hostState(lab, 'gw1')
    t.deepEqual(differences({...before, files: []}, {...after, files: []}), [])
  }
  await rightNow(t, 'the file is the former one')
})

test.serial('it is there after a reboot, and stopping the unit leaves it', async t => {
  await reboot(lab, 'gw1')
  t.regex(await onHost(lab, 'gw1', 'nft list table inet gatewright_test'), /8888/)
  await rightNow(t, 'after a reboot')
  await onHost(lab, 'gw1', 'systemctl stop gatewright-nft; nft list table inet gatewright_test')
})
