import {type ChildProcess, spawn} from 'node:child_process'
import {closeSync, openSync, readFileSync} from 'node:fs'
import {makeGroup} from './cgroup.ts'
import {consoleFile, hostRoot, namespaceOf} from './names.ts'
import type {Topology} from './topology.ts'

/** systemd-nspawn ends with this when the host asked for a reboot and there is no unit to do it. */
export const rebootExitCode = 133

/**
 * Boots a host: systemd as PID 1 in its namespace. Its disk is mounted and its cables are in place already.
 * The process joins the host's control groups before it becomes nspawn, and dies with its parent.
 */
export function startHost(topology: Topology, host: string): ChildProcess {
  const join = makeGroup(topology, host).map(file => `echo $$ > ${file} || exit 1`)
  const output = openSync(consoleFile(topology, host), 'a')
  const child = spawn('sh', ['-c', [...join, 'exec "$@"'].join('\n'), 'sh', ...nspawn(topology, host)], {
    stdio: ['ignore', output, output],
    env: {
      PATH: process.env.PATH,
      // Else /proc/sys/net is read-only and no role could set a sysctl.
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    },
  })
  closeSync(output)
  return child
}

function nspawn(topology: Topology, host: string): string[] {
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'systemd-nspawn',
    '--quiet',
    '--settings=no',
    // Nobody to register with: the machine's own PID 1 need not be systemd.
    '--register=no',
    '--keep-unit',
    `--machine=gwlab-${topology.name}-${host}`,
    `--directory=${hostRoot(topology, host)}`,
    `--network-namespace-path=/run/netns/${namespaceOf(topology, host)}`,
    // A lab host may do anything but move the clock, which it shares with the machine.
    '--capability=all',
    '--drop-capability=CAP_SYS_TIME',
    '--bind=/dev/net/tun',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    `--hostname=${host}`,
    '--console=pipe',
    '--boot',
  ]
}

/** PID 1 of the host as this machine numbers it: nspawn's child. Undefined while it is starting or gone. */
export function leaderOf(nspawnPid: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${nspawnPid}/task/${nspawnPid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
    // While starting, the child is still nspawn's own helper.
    return children.map(Number).find(pid => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'systemd')
  } catch {
    return undefined
  }
}
