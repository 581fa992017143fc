import {mkdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {diskDirectory, hostRoot, upperDirectory, writableDirectory} from './names.ts'
import {must} from './run.ts'
import type {Topology} from './topology.ts'

/** Read-only layers below a host's own, the topmost first. */
export interface Layers {
  base: string
  packages?: string
}

const workDirectory = (topology: Topology, host: string) => join(writableDirectory(topology, host), 'work')
/** What the lab itself puts on a host (name, keys): a layer of its own, so the upper one holds only what the host wrote. */
export const identityDirectory = (topology: Topology, host: string) => join(diskDirectory(topology), host, 'identity')

/** Mounts the root of a host. What it wrote in its last life is still there. */
export async function mountDisk(topology: Topology, host: string, layers: Layers): Promise<void> {
  const root = hostRoot(topology, host)
  if (isMounted(root)) return
  await mountSmallDisk(topology, host)
  const [upper, work] = [upperDirectory(topology, host), workDirectory(topology, host)]
  // The kernel marks the work directory of a volatile overlay as used up.
  rmSync(work, {recursive: true, force: true})
  for (const directory of [root, upper, work]) mkdirSync(directory, {recursive: true})
  const lower = [identityDirectory(topology, host), layers.packages, layers.base].filter(Boolean).join(':')
  // volatile: no fsync reaches the disk, which makes dpkg several times faster; the machine's page cache survives any
  // power cut that the lab plays.
  await must([
    'mount',
    '-t',
    'overlay',
    `gwlab-${host}`,
    '-o',
    `lowerdir=${lower},upperdir=${upper},workdir=${work},volatile`,
    root,
  ])
}

/** The memory of a limited disk; it stays mounted while the host is off, as a disk would. */
async function mountSmallDisk(topology: Topology, host: string): Promise<void> {
  const size = topology.hosts[host]?.disk
  const directory = writableDirectory(topology, host)
  if (size === undefined || isMounted(directory)) return
  mkdirSync(directory, {recursive: true})
  await must(['mount', '-t', 'tmpfs', '-o', `size=${size}m,mode=0755`, `gwlab-${host}`, directory])
}

export async function unmountDisk(topology: Topology, host: string): Promise<void> {
  if (isMounted(hostRoot(topology, host))) await must(['umount', hostRoot(topology, host)])
}

/** Throws away everything that the host wrote. It must be unmounted. */
export function wipeDisk(topology: Topology, host: string): void {
  rmSync(upperDirectory(topology, host), {recursive: true, force: true})
}

/** Mount points of this lab, deepest first. */
export function labMounts(topology: Topology): string[] {
  return mountPoints()
    .filter(point => point.startsWith(`${diskDirectory(topology)}/`))
    .toReversed()
}

/** Whether any overlay of any lab on this machine is built on that directory. */
export function isLayerInUse(directory: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(`${directory}/`)
}

function isMounted(directory: string): boolean {
  return mountPoints().includes(directory)
}

function mountPoints(): string[] {
  const lines = readFileSync('/proc/mounts', 'utf8').split('\n')
  return lines.map(line => line.split(' ')[1] ?? '')
}
