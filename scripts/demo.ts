// What gatewright is for, in about a minute: the lab, check, apply, a second run without a change, a planned switch,
// and the master's LAN cable pulled, both gaps measured from the LAN client. Exits non-zero when a claim does not hold.

import {spawn} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'
import {cut, down, type Gap, gapDuring, labExec, loadTopology, reset, type Topology, up} from '../lab/index.ts'
import {root} from './node-bin.ts'

const virtualAddress = '10.10.0.1'
/** The mission's ceiling for a failover. */
const limitMs = 3000

const say = (text: string): void => console.log(`\n\u2501\u2501 ${text}`)

class ClaimError extends Error {}
const claim = (holds: boolean, what: string): void => {
  if (!holds) throw new ClaimError(what)
}

const gatewright = async (line: string, expected: number): Promise<void> => {
  console.log(`$ gatewright ${line}`)
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn('sh', ['bin/gatewright', ...line.split(' ')], {cwd: root, stdio: 'inherit'})
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })
  claim(code === expected, `gatewright ${line} ended with exit code ${code}, not ${expected}`)
}

const holdsAddress = async (topology: Topology, host: string): Promise<boolean> =>
  (await labExec(topology, host, ['ip', '-oneline', 'address', 'show', 'to', virtualAddress])).stdout.trim() !== ''

const until = async (what: string, seconds: number, reached: () => Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + seconds * 1000
  while (!(await reached())) {
    claim(performance.now() < deadline, `${what}: not within ${seconds} s`)
    await sleep(100)
  }
}

/** Pings the virtual address from the client while `event` happens, and for as long before and after as tells a gap. */
const measure = async (topology: Topology, name: string, event: () => Promise<void>): Promise<Gap> => {
  const gap = await gapDuring(topology, 'client', virtualAddress, event)
  if (!gap) throw new ClaimError(`${name}: the client got too few answers to measure a gap`)
  claim(gap.periodMs <= 10, `${name}: one probe each ${gap.periodMs.toFixed(1)} ms is too coarse (10 ms)`)
  claim(gap.gapMs < limitMs, `${name}: ${Math.round(gap.gapMs)} ms without an answer, the limit is ${limitMs} ms`)
  return gap
}

const reportGap = (name: string, {gapMs, lost, replies, periodMs}: Gap): string =>
  `${name}: ${gapMs.toFixed(0)} ms without an answer (${lost} of ${replies + lost} probes lost, one each ${periodMs.toFixed(1)} ms)`

const demo = async (topology: Topology): Promise<void> => {
  say('The lab: two gateways, the providers and a LAN client as real Debian hosts')
  await up(topology, {log: line => console.log(`   ${line}`)})
  await reset(topology, ['gw1', 'gw2'])

  say('Check: what would change on two fresh hosts. Nothing is written')
  await gatewright('check playbooks/site.yml -i inventory/lab', 2)
  say('Apply the same plan')
  await gatewright('play playbooks/site.yml -i inventory/lab', 0)
  say('A second run changes nothing, and check agrees')
  await gatewright('play playbooks/site.yml -i inventory/lab', 0)
  await gatewright('check playbooks/site.yml -i inventory/lab', 0)
  await until(
    'one gateway holds the virtual address',
    10,
    async () => (await holdsAddress(topology, 'gw1')) !== (await holdsAddress(topology, 'gw2')),
  )

  if (!(await holdsAddress(topology, 'gw1')))
    await gatewright('play playbooks/switchover.yml -i inventory/lab -e to=gw1', 0)
  say('A planned switch from gw1 to gw2, by the task vrrp.switchover')
  const planned = await measure(topology, 'planned switch', () =>
    gatewright('task gateways vrrp.switchover -i inventory/lab --become', 0),
  )
  claim(await holdsAddress(topology, 'gw2'), 'gw2 does not hold the virtual address after the planned switch')
  await gatewright('task gateways vrrp.switchover -i inventory/lab --become -e to=gw1', 0)
  claim(await holdsAddress(topology, 'gw1'), 'gw1 does not hold the virtual address after the switch back')

  say("The master's LAN cable is pulled (gw1)")
  const crash = await measure(topology, 'cable pulled', async () => {
    await cut(topology, 'gw1', 'lan')
    await until('gw2 holds the virtual address', 10, () => holdsAddress(topology, 'gw2'))
  })
  claim(await holdsAddress(topology, 'gw2'), 'gw2 does not hold the virtual address after the cut')
  say('Measured from the LAN client')
  console.log(`   ${reportGap('planned switch', planned)}\n   ${reportGap('cable pulled  ', crash)}`)
}

const topology = loadTopology(`${root}/lab/topology.yml`)
const keep = process.argv.includes('--keep')
try {
  await demo(topology)
} catch (error) {
  console.error(
    `\nThe demo failed: ${error instanceof Error ? (error instanceof ClaimError ? error.message : error.stack) : String(error)}`,
  )
  process.exitCode = 3
} finally {
  if (!keep) {
    say('The lab goes down (npm run demo -- --keep leaves it up)')
    await down(topology)
  }
}
