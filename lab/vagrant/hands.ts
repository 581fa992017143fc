// The hands of a drill in the Vagrant lab with libvirt: pulls cables and cuts power of virtual machines as `gatewright lab` does
// in the namespace lab, and undoes it by itself after `--for` seconds. lab/vagrant/slow.yml names it to the inventory.
//   sh bin/with-node lab/vagrant/hands.ts cut gw1 lan --for 20
import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {knownHostsFile, operatorKey} from '../keys.ts'
import {messageOf} from '../message-of.ts'
import {checkout, macAddress} from '../names.ts'
import {waitForSsh} from '../ready.ts'
import {must, run} from '../run.ts'
import {hostOf, LabUsageError, linkOf, loadTopology} from '../topology.ts'

const topology = loadTopology(process.env.LAB_TOPOLOGY)
const dotfiles = process.env.VAGRANT_DOTFILE_PATH ?? join(checkout, '.vagrant')
/** QEMU without KVM needs minutes to boot. */
const bootTimeoutMs = 600_000

const virsh = (...words: readonly string[]): Promise<string> =>
  must(['virsh', '--connect', 'qemu:///system', '--quiet', ...words])

const domainOf = (host: string): string => {
  const file = join(dotfiles, 'machines', host, 'libvirt/id')
  if (!existsSync(file)) throw new LabUsageError(`${host} is no machine of libvirt here (${file}); vagrant up makes it`)
  return readFileSync(file, 'utf8').trim()
}

const setCable = (host: string, link: string, state: 'up' | 'down'): Promise<string> =>
  virsh('domif-setlink', domainOf(host), macAddress(topology, host, link), state)

/** Makes a link whole, or a host with all its links; waits until the host answers again. */
const heal = async (host: string, link: string | undefined): Promise<void> => {
  if (link !== undefined) return void (await setCable(host, link, 'up'))
  const domain = domainOf(host)
  const stateNow = async (): Promise<string> => (await virsh('domstate', domain)).trim()
  const state = await stateNow()
  // What was armed may do the same at the same moment; what counts is that it runs.
  if (state !== 'running')
    await virsh(state === 'paused' ? 'resume' : 'start', domain).catch(async error => {
      if ((await stateNow()) !== 'running') throw error
    })
  for (const each of Object.keys(hostOf(topology, host).links)) await setCable(host, each, 'up')
  await waitForSsh(topology, host, bootTimeoutMs)
  const {ssh} = hostOf(topology, host)
  const way = ['-i', operatorKey, '-o', `UserKnownHostsFile=${knownHostsFile}`, '-p', String(ssh), 'operator@127.0.0.1']
  // Its exit code tells of units that failed, which is for those who ask.
  await run(['ssh', ...way, 'systemctl is-system-running --wait'], {timeoutMs: bootTimeoutMs})
}

const faults: Readonly<Record<string, (host: string, link: string | undefined) => Promise<unknown>>> = {
  cut: (host, link = '') => setCable(host, link, 'down'),
  kill: host => virsh('destroy', domainOf(host)),
  freeze: host => virsh('suspend', domainOf(host)),
}

/** Heals a place later, in a process that outlives this one and whoever called it. */
const healLater = (place: readonly string[], seconds: number): void => {
  const words = [process.execPath, ...process.execArgv, import.meta.filename, 'heal', ...place, '--armed']
  const child = spawn('sh', ['-c', 'sleep "$0" && exec "$@"', String(seconds), ...words], {
    detached: true,
    stdio: 'ignore',
  })
  child.unref()
  mkdirSync(join(dotfiles, 'hands'), {recursive: true})
  writeFileSync(armedFile(place), String(child.pid))
}

/** Holds the process group that will heal a place. */
const armedFile = (place: readonly string[]): string => join(dotfiles, 'hands', place.join('-'))

/** The newest thing that is done to a place settles its future. */
const disarm = async (place: readonly string[]): Promise<void> => {
  const file = armedFile(place)
  if (!existsSync(file)) return
  await run(['kill', '--', `-${readFileSync(file, 'utf8')}`])
  rmSync(file)
}

const main = async (): Promise<void> => {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {for: {type: 'string'}, delay: {type: 'string'}, loss: {type: 'string'}, armed: {type: 'boolean'}},
  })
  const [what = '', ...place] = positionals
  const [host = '', link] = place
  hostOf(topology, host)
  if (link !== undefined || what === 'cut') linkOf(topology, host, link ?? '')
  const fault = faults[what]
  if (!fault && what !== 'heal')
    throw new LabUsageError(`hands of the Vagrant lab can ${Object.keys(faults).join(', ')} and heal, not '${what}'`)
  // What was armed is this process itself when it comes on time.
  if (values.armed) rmSync(armedFile(place), {force: true})
  else await disarm(place)
  if (!fault) return heal(host, link)
  if (values.for !== undefined) healLater(place, Number(values.for))
  await fault(host, link)
}

try {
  await main()
} catch (error) {
  console.error(`hands: ${messageOf(error)}`)
  process.exitCode = error instanceof LabUsageError ? 5 : 3
}
