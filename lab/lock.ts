import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {LabError} from './client.ts'
import {removeIfEmpty} from './directories.ts'
import {runDirectory} from './names.ts'
import {startTimeOf} from './process-identity.ts'
import type {Topology} from './topology.ts'

const lockFile = (topology: Topology) => `${runDirectory(topology)}.lock`

/**
 * Runs something while no other `up` or `down` works on the same lab.
 * @throws LabError that names the process in the way
 */
export async function withLock<T>(topology: Topology, action: () => Promise<T>): Promise<T> {
  const file = lockFile(topology)
  take(file, topology)
  try {
    return await action()
  } finally {
    rmSync(file, {force: true})
    removeIfEmpty(dirname(file))
  }
}

function take(file: string, topology: Topology): void {
  mkdirSync(dirname(file), {recursive: true})
  const own = `${process.pid} ${startTimeOf(process.pid)}\n`
  try {
    writeFileSync(file, own, {flag: 'wx'})
  } catch {
    const [pid = '', startTime = ''] = readFileSync(file, 'utf8').trim().split(' ')
    if (startTimeOf(Number(pid)) === startTime)
      throw new LabError(`process ${pid} is at work on the lab ${topology.name}; wait for it, or end it, and try again`)
    writeFileSync(file, own)
  }
}
