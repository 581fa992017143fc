import type {ChildProcess} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {startInGroup} from './group-process.ts'
import {consoleFile, hostRoot, namespaceOf} from './names.ts'
import type {Topology} from './topology.ts'

/** systemd-nspawn ends with this when the host asked for a reboot and there is no unit to do it. */
export const rebootExitCode = 133

/**
 * Boots a host: systemd as PID 1 in its namespace. Its disk is mounted and its cables are in place already.
 * The process dies with its parent.
 */
export function startHost(topology: Topology, host: string): ChildProcess {
  return startInGroup(topology, host, nspawn(topology, host), consoleFile(topology, host), {
    env: {
      PATH: process.env.PATH,
      // Else /proc/sys/net is read-only and no role could set a sysctl.
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
    },
  })
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
