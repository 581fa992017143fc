// What gatewright is for, in some minutes: the lab, check, apply, a second run without a change, BGP and the uplinks, a planned
// switch and the master's LAN cable pulled under 50 TCP sessions from the LAN. Exits non-zero when a claim does not hold.

import {spawn} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'
import {cut, down, labExec, loadTopology, reset, type Topology, up} from '../lab/index.ts'
import {outward, sayOutage, saySessions, underTraffic} from '../test/support/traffic.ts'
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

/** What a probe and 50 TCP sessions from the client to the internet see of `event`. */
const measure = async (topology: Topology, name: string, event: () => Promise<void>): Promise<string> => {
  const {outages, sessions} = await underTraffic(topology, {probes: {out: outward}, sessions: outward}, event)
  const {gapMs} = outages.out
  claim(gapMs < limitMs, `${name}: ${Math.round(gapMs)} ms without an answer, the limit is ${limitMs} ms`)
  claim(sessions.survived === sessions.sessions.length, `${name}: ${saySessions(sessions)}`)
  return `   ${name}: ${sayOutage(outages.out)};\n      ${saySessions(sessions)}`
}

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

  say('BGP with both providers, and the uplinks as each gateway sees them')
  await gatewright('task gateways bgp.verify -i inventory/lab --become', 0)
  await gatewright('task gateways mwan.status -i inventory/lab --become', 0)

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
  say('Measured from the LAN client to a host behind the provider, through NAT and a filter that drops by default')
  console.log(`${planned}\n${crash}`)
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
