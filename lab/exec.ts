import {ask, LabError} from './client.ts'
import {type Result, type RunOptions, run} from './run.ts'
import {hostOf, type Topology} from './topology.ts'

// nsenter would bring along every capability of the caller, the clock's included.
const withoutClock = ['setpriv', '--bounding-set=-sys_time', '--inh-caps=-sys_time']
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The command line on this machine that runs `argv` inside the namespaces of a host's PID 1. */
export function enterCommand(leader: number, argv: readonly string[]): string[] {
  return [
    ...withoutClock,
    'nsenter',
    '--target',
    String(leader),
    '--all',
    'env',
    '-i',
    `PATH=${path}`,
    'LC_ALL=C.UTF-8',
    ...argv,
  ]
}

/**
 * Runs a program (argv) or a shell script (string) as root inside a host, past its network: for the lab's own use and
 * for tests. The engine goes through SSH.
 * @throws LabError when the host is not running, Error when it takes longer than `timeoutMs`
 */
export async function labExec(
  topology: Topology,
  host: string,
  command: readonly string[] | string,
  options: Pick<RunOptions, 'input' | 'timeoutMs'> = {},
): Promise<Result> {
  const argv = typeof command === 'string' ? ['sh', '-c', command] : command
  return run(enterCommand(await leaderPid(topology, host), argv), options)
}

/**
 * PID 1 of a host, as this machine numbers it.
 * @throws LabError when the host is not running
 */
export async function leaderPid(topology: Topology, host: string): Promise<number> {
  hostOf(topology, host)
  const {hosts} = await ask(topology, {op: 'status'})
  const status = hosts[host]
  if (!status || status.leader === 0) throw new LabError(`${host} is ${status?.state ?? 'unknown'}: it runs nothing`)
  return status.leader
}
