import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {makeGroup} from './cgroup.ts'
import type {Topology} from './topology.ts'

/**
 * Starts a program that writes to `log` and has joined the control groups of `member` (a host or supervisorGroup) before
 * it runs its first line.
 */
export function startInGroup(
  topology: Topology,
  member: string,
  argv: readonly string[],
  log: string,
  options: SpawnOptions,
): ChildProcess {
  const join = makeGroup(topology, member).map(file => `echo $$ > ${file} || exit 1`)
  const output = openSync(log, 'a')
  const child = spawn('sh', ['-c', [...join, 'exec "$@"'].join('\n'), 'sh', ...argv], {
    ...options,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  return child
}
