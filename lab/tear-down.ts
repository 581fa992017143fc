import {rmSync} from 'node:fs'
import {dirname} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {livingPids, removeGroups, setFrozen} from './cgroup.ts'
import {LabError} from './client.ts'
import {removeIfEmpty, subdirectories} from './directories.ts'
import {labMounts} from './disk.ts'
import {diskDirectory, imageCache, runDirectory} from './names.ts'
import {removeNamespaces} from './network.ts'
import {isRunning, startTimeOf} from './process-identity.ts'
import {must} from './run.ts'
import type {Topology} from './topology.ts'

const endTimeoutMs = 10_000

/**
 * Removes everything of the lab but its keys and the cached image: also what a crashed `up` left. It asks nobody for
 * help: processes are found in the lab's control groups, mounts in /proc/mounts, namespaces by their prefix.
 */
export async function tearDown(topology: Topology): Promise<void> {
  await endProcesses(topology)
  for (const point of labMounts(topology)) await must(['umount', point])
  await removeNamespaces(topology)
  removeGroups(topology)
  for (const directory of [runDirectory(topology), diskDirectory(topology)])
    rmSync(directory, {recursive: true, force: true})
  removeIfEmpty(dirname(diskDirectory(topology)))
  removeAbandonedBuilds()
}

async function endProcesses(topology: Topology): Promise<void> {
  const deadline = Date.now() + endTimeoutMs
  const seen = new Map<number, string | undefined>()
  // Frozen processes of an old kind of control group do not even die.
  for (const host of Object.keys(topology.hosts)) thaw(topology, host)
  for (;;) {
    const pids = livingPids(topology)
    for (const pid of pids) {
      seen.set(pid, startTimeOf(pid))
      kill(pid)
    }
    // A process leaves its group a moment before it is gone.
    const dying = [...seen].filter(([pid, startTime]) => startTime !== undefined && isRunning(pid, startTime))
    if (pids.length === 0 && dying.length === 0) return
    if (Date.now() > deadline) throw new LabError(`processes of the lab do not end: ${[...seen.keys()].join(', ')}`)
    await sleep(20)
  }
}

function thaw(topology: Topology, host: string): void {
  try {
    setFrozen(topology, host, false)
  } catch {
    // The group is gone with its host.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/** What an interrupted build left carries the pid of its `up` in the name. */
function removeAbandonedBuilds(): void {
  for (const image of subdirectories(imageCache))
    for (const path of subdirectories(image)) {
      const pid = /\.(\d+)\.partial(\.scratch)?$/.exec(path)?.[1]
      if (pid !== undefined && startTimeOf(Number(pid)) === undefined) rmSync(path, {recursive: true, force: true})
    }
}
