import {type ChildProcess, spawn} from 'node:child_process'
import {bridgeOf, coreNamespace, interfaceName, portOf} from './names.ts'
import {ip} from './network.ts'
import type {Degradation} from './protocol.ts'
import {must, run} from './run.ts'
import {hasNetem, shaperProgram} from './shaper-program.ts'
import {linkOf, type Topology} from './topology.ts'

/** Running stand-ins for netem, by port. */
const shapers = new Map<string, ChildProcess>()

interface Names {
  core: string
  port: string
  bridge: string
  /** The bad piece of cable: a bridge that takes the host's port, and the two ends of what leads on to the segment. */
  inner: string
  near: string
  far: string
}

function namesOf(topology: Topology, host: string, link: string): Names {
  const tail = `${host}.${link}`
  return {
    core: coreNamespace(topology),
    port: portOf(host, link),
    bridge: bridgeOf(linkOf(topology, host, link).segment),
    inner: interfaceName(`i.${tail}`),
    near: interfaceName(`n.${tail}`),
    far: interfaceName(`f.${tail}`),
  }
}

/**
 * Inserts a bad piece of cable between a host's port and its segment: port - inner bridge - near = far - segment. What
 * joins near and far is a veth pair with netem, or the stand-in program where the kernel has no netem.
 */
export async function degradeLink(topology: Topology, host: string, link: string, wanted: Degradation): Promise<void> {
  const names = namesOf(topology, host, link)
  await removeInner(names)
  if (await hasNetem()) await joinByNetem(names, wanted)
  else await joinByShaper(names, wanted)
  await ip(names.core, [
    `link add ${names.inner} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set ${names.inner} up`,
    `link set ${names.near} master ${names.inner}`,
    `link set ${names.far} master ${names.bridge}`,
    `link set ${names.near} up`,
    `link set ${names.far} up`,
    `link set ${names.port} master ${names.inner}`,
  ])
}

/** Takes the bad piece out again; `wired` says whether the host's port exists to be plugged back. */
export async function restoreLink(topology: Topology, host: string, link: string, wired: boolean): Promise<void> {
  const names = namesOf(topology, host, link)
  if (wired) await ip(names.core, [`link set ${names.port} master ${names.bridge}`])
  await removeInner(names)
}

async function removeInner({core, port, inner, near}: Names): Promise<void> {
  const shaper = shapers.get(port)
  if (shaper) {
    shapers.delete(port)
    const ended = new Promise(resolve => shaper.once('exit', resolve))
    shaper.kill('SIGKILL')
    await ended
  }
  const input = [near, inner].map(name => `link delete ${name}\n`).join('')
  await run(['ip', '-n', core, '-force', '-batch', '-'], {input})
}

async function joinByNetem({core, near, far}: Names, {delayMs, lossPercent, rateMbit}: Degradation): Promise<void> {
  await ip(core, [`link add ${near} type veth peer name ${far}`])
  const rate = rateMbit > 0 ? ['rate', `${rateMbit}mbit`] : []
  for (const device of [near, far])
    await must([
      'tc',
      '-n',
      core,
      'qdisc',
      'add',
      'dev',
      device,
      'root',
      'netem',
      'limit',
      '10000',
      'delay',
      `${delayMs}ms`,
      'loss',
      `${lossPercent}%`,
      ...rate,
    ])
}

async function joinByShaper({core, port, near, far}: Names, wanted: Degradation): Promise<void> {
  const numbers = [wanted.delayMs * 1000, wanted.lossPercent * 10_000, wanted.rateMbit * 1000]
    .map(Math.round)
    .map(String)
  const argv = [`--net=/run/netns/${core}`, shaperProgram(), near, far, ...numbers]
  const child = spawn('nsenter', argv, {stdio: ['ignore', 'pipe', 'pipe']})
  shapers.set(port, child)
  await new Promise<void>((resolve, reject) => {
    let problem = ''
    child.stderr.on('data', chunk => {
      problem += chunk
    })
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`link-shaper ended with exit ${code}: ${problem}`)))
  })
}
