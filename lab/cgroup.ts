import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {subdirectories} from './directories.ts'
import {messageOf} from './message-of.ts'
import type {Topology} from './topology.ts'

const mountPoint = '/sys/fs/cgroup'

/** Realtime budget of one host in microseconds of each second; the root group has 950000 for all groups together. */
const realtimeMicroseconds = 40_000

/** Member that the supervisor and its helpers belong to; the others are hosts. */
export const supervisorGroup = 'supervisor'

/** Path of a lab's control group below every hierarchy's root. */
const groupOf = (topology: Topology) => `gwlab-${topology.name}`

/**
 * The root of every mounted hierarchy: one on a machine with cgroup v2 only, one per controller on older set-ups, where
 * the hosts' systemd would otherwise share one tree and kill each other's services.
 */
function hierarchies(): string[] {
  if (existsSync(join(mountPoint, 'cgroup.controllers'))) return [mountPoint]
  return readdirSync(mountPoint)
    .map(name => join(mountPoint, name))
    .filter(directory => existsSync(join(directory, 'cgroup.procs')))
}

/** Hierarchy that can freeze and kill a whole tree at once (cgroup v2), else undefined. */
function unified(): string | undefined {
  return [mountPoint, join(mountPoint, 'unified')].find(directory => existsSync(join(directory, 'cgroup.controllers')))
}

/**
 * Makes a control group for `member` (a host or supervisorGroup) in every hierarchy.
 * @returns the cgroup.procs files that a process writes its pid into to join
 */
export function makeGroup(topology: Topology, member: string): string[] {
  return hierarchies().map(root => {
    for (const directory of [join(root, groupOf(topology)), join(root, groupOf(topology), member)]) {
      mkdirSync(directory, {recursive: true})
      // A new cpuset has no processor and would take nobody in.
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        if (existsSync(join(directory, 'cpuset.sched_load_balance'))) copyFromParent(directory, file)
    }
    if (member !== supervisorGroup) allowRealtime(join(root, groupOf(topology)), join(root, groupOf(topology), member))
    return join(root, groupOf(topology), member, 'cgroup.procs')
  })
}

function copyFromParent(directory: string, file: string): void {
  const value = readFileSync(join(directory, '..', file), 'utf8').trim()
  if (readFileSync(join(directory, file), 'utf8').trim() !== value) writeFileSync(join(directory, file), value)
}

/**
 * keepalived asks for realtime scheduling, which a group without a budget refuses (EPERM). Where the machine's budget is
 * spent already, the host boots all the same.
 */
function allowRealtime(parent: string, member: string): void {
  const file = 'cpu.rt_runtime_us'
  if (!existsSync(join(member, file)) || Number(readFileSync(join(member, file), 'utf8')) > 0) return
  const hosts = subdirectories(parent).filter(directory => basename(directory) !== supervisorGroup)
  const needed = hosts.length * realtimeMicroseconds
  try {
    if (Number(readFileSync(join(parent, file), 'utf8')) < needed) writeFileSync(join(parent, file), String(needed))
    writeFileSync(join(member, file), String(realtimeMicroseconds))
  } catch (error) {
    console.error(`no realtime scheduling in ${member}: ${messageOf(error)}`)
  }
}

/** Stops or continues every process of a host at the same moment, whatever it forks meanwhile. */
export function setFrozen(topology: Topology, host: string, frozen: boolean): void {
  const root = unified()
  if (root) writeFileSync(join(root, groupOf(topology), host, 'cgroup.freeze'), frozen ? '1' : '0')
  else
    writeFileSync(join(mountPoint, 'freezer', groupOf(topology), host, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED')
}

/** Pids of all processes that the lab ever started and that still live: whatever is in its groups is its own. */
export function livingPids(topology: Topology): number[] {
  const pids = hierarchies().flatMap(root => pidsBelow(join(root, groupOf(topology))))
  return [...new Set(pids)].filter(pid => pid > 0 && pid !== process.pid)
}

function pidsBelow(directory: string): number[] {
  if (!existsSync(directory)) return []
  const below = subdirectories(directory).flatMap(pidsBelow)
  try {
    return [...below, ...readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)]
  } catch {
    return below
  }
}

/** Removes the lab's groups, or one member's; empty ones only, the kernel refuses others. */
export function removeGroups(topology: Topology, member = ''): void {
  for (const root of hierarchies()) removeTree(join(root, groupOf(topology), member))
}

function removeTree(directory: string): void {
  if (!existsSync(directory)) return
  for (const child of subdirectories(directory)) removeTree(child)
  try {
    rmdirSync(directory)
  } catch {
    // A process that is just dying keeps it for a moment; `down` tries again.
  }
}
