import {lstat, readdir, readFile, readlink} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {type Topology, upperDirectory} from '../../lab/index.ts'

/** What one of two tools leaves behind of itself, and what differs from run to run. */
const ownTraces = [
  /^\/var\/lib\/(gatewright|sudo|systemd|private|dpkg|apt\/(lists|periodic))(\/|$)/,
  /^\/(root|home\/operator)(\/\.(ansible|sudo_as_admin_successful)(\/.*)?)?$/,
  /^\/var\/(log|cache|tmp)(\/|$)|^\/(run|tmp)(\/|$)/,
  /__pycache__|\.pyc$/,
  /^\/etc\/(machine-id|hostname|hosts|\.pwd\.lock|(passwd|group|shadow|gshadow|subuid|subgid)-?|ld\.so\.cache|resolv\.conf)$/,
  /^\/etc\/ssh\/ssh_host_|^\/root\/\.ssh|^\/home\/operator\/\.ssh/,
  /^\/var\/lib\/(ucf|pam|chrony|logrotate)(\/|$)/,
]

/** Every path that a host wrote: type and mode, owner, link target or content. */
export const tracesOf = async (topology: Topology, host: string): Promise<ReadonlyMap<string, string>> => {
  const top = upperDirectory(topology, host)
  const found = new Map<string, string>()
  for (const entry of await readdir(top, {withFileTypes: true, recursive: true})) {
    const path = join(entry.parentPath, entry.name)
    const shown = `/${relative(top, path)}`
    if (ownTraces.some(pattern => pattern.test(shown))) continue
    const info = await lstat(path).catch(() => undefined)
    if (!info || info.isSocket()) continue
    const held = info.isSymbolicLink()
      ? `-> ${await readlink(path)}`
      : info.isFile()
        ? await readFile(path, 'latin1')
        : ''
    const links = info.isFile() && info.nlink > 1 ? ` ${info.nlink} names` : ''
    found.set(shown, `${info.mode.toString(8)} ${info.uid}:${info.gid}${links}\n${held}`)
  }
  return found
}

/** Paths at which two hosts differ, and how. */
export const differences = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])]
    .toSorted()
    .filter(path => one.get(path) !== other.get(path))
    .map(
      path => `${path}: ${JSON.stringify(one.get(path) ?? 'absent')} / ${JSON.stringify(other.get(path) ?? 'absent')}`,
    )
