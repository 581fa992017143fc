import {setTimeout as sleep} from 'node:timers/promises'
import {ask, LabError} from './client.ts'
import {labExec} from './exec.ts'
import type {Degradation, Passing} from './protocol.ts'
import {waitUntilReady} from './ready.ts'
import {prepareShaper} from './shaper-program.ts'
import {hostOf, LabUsageError, linkOf, type Topology} from './topology.ts'

/**
 * Pulls the cable of a link: the host sees NO-CARRIER. It stays pulled over a reboot. With `forSeconds`, here and below, the lab
 * itself undoes it then.
 */
export async function cut(topology: Topology, host: string, link: string, passing: Passing = {}): Promise<void> {
  linkOf(topology, host, link)
  await ask(topology, {op: 'cut', host, link, ...checked(passing)})
}

function checked({forSeconds}: Passing): Passing {
  if (forSeconds === undefined) return {}
  if (!(forSeconds > 0 && forSeconds <= 86_400)) throw new LabUsageError(`--for ${forSeconds}: use 1 to 86400 seconds`)
  return {forSeconds}
}

/** Makes a link whole: plugs the cable in and takes delay, loss and rate away. */
export async function heal(topology: Topology, host: string, link: string): Promise<void> {
  linkOf(topology, host, link)
  await ask(topology, {op: 'heal', host, link})
}

/** Makes a host whole: switches it on, lets it go on, and makes all of its links whole. */
export async function healHost(topology: Topology, host: string): Promise<void> {
  for (const link of Object.keys(hostOf(topology, host).links)) await heal(topology, host, link)
  const {state} = (await ask(topology, {op: 'status'})).hosts[host] ?? {}
  if (state === 'frozen') await ask(topology, {op: 'thaw', host})
  else if (state !== 'on') await ask(topology, {op: 'boot', host})
  await waitUntilReady(topology, host)
}

/** Power cut. The host stays off until `up`, `reboot` or `reset`. */
export async function kill(topology: Topology, host: string, passing: Passing = {}): Promise<void> {
  hostOf(topology, host)
  await ask(topology, {op: 'kill', host, ...checked(passing)})
}

/** Stops every process of a host at once: a hung machine whose kernel still answers ping. */
export async function freeze(topology: Topology, host: string, passing: Passing = {}): Promise<void> {
  hostOf(topology, host)
  await ask(topology, {op: 'freeze', host, ...checked(passing)})
}

/** Lets a frozen host go on. */
export async function thaw(topology: Topology, host: string): Promise<void> {
  hostOf(topology, host)
  await ask(topology, {op: 'thaw', host})
}

/**
 * Makes a link slow, lossy or narrow until `heal`; what is not named is not degraded. Each value holds for each
 * direction: a ping takes twice the delay longer.
 * @throws LabUsageError when a value is out of range
 */
export async function degrade(
  topology: Topology,
  host: string,
  link: string,
  wanted: Partial<Degradation>,
  passing: Passing = {},
): Promise<void> {
  linkOf(topology, host, link)
  const degradation = {delayMs: 0, lossPercent: 0, rateMbit: 0, ...wanted}
  const {delayMs, lossPercent, rateMbit} = degradation
  if (!(delayMs >= 0 && delayMs <= 10_000)) throw new LabUsageError(`delay ${delayMs} ms: use 0 to 10000`)
  if (!(lossPercent >= 0 && lossPercent <= 100)) throw new LabUsageError(`loss ${lossPercent} %: use 0 to 100`)
  if (!(rateMbit >= 0 && rateMbit <= 10_000))
    throw new LabUsageError(`rate ${rateMbit} Mbit/s: use 0 (no limit) to 10000`)
  await prepareShaper(() => undefined)
  await ask(topology, {op: 'degrade', host, link, degradation, ...checked(passing)})
}

/**
 * Reboots a host and waits until it is back; one that is off is switched on, a frozen one is switched off and on.
 * @throws LabError when it does not come back within a minute
 */
export async function reboot(topology: Topology, host: string): Promise<void> {
  hostOf(topology, host)
  const before = (await ask(topology, {op: 'status'})).hosts[host]
  if (before?.state !== 'on') {
    await ask(topology, {op: 'kill', host})
    await ask(topology, {op: 'boot', host})
  } else {
    await labExec(topology, host, ['systemctl', 'reboot', '--no-wall'])
    await waitForBoot(topology, host, before.boots)
  }
  await waitUntilReady(topology, host)
}

async function waitForBoot(topology: Topology, host: string, bootsBefore: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const status = (await ask(topology, {op: 'status'})).hosts[host]
    if (status?.state === 'on' && status.boots > bootsBefore) return
    if (Date.now() > deadline)
      throw new LabError(`${host} was told to reboot and did not start again; it is ${status?.state}`)
    await sleep(50)
  }
}

/**
 * Gives hosts (all, unless named) pristine disks and whole cables, and boots them; keys and addresses stay.
 * @throws LabError when a host does not come up
 */
export async function reset(topology: Topology, hosts: readonly string[] = Object.keys(topology.hosts)): Promise<void> {
  for (const host of hosts) hostOf(topology, host)
  await Promise.all(
    hosts.map(async host => {
      await ask(topology, {op: 'reset', host})
      await waitUntilReady(topology, host)
    }),
  )
}
