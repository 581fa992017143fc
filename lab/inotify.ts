import {globSync, readFileSync, readlinkSync} from 'node:fs'

/**
 * Why a host cannot boot when root has no inotify instances left (inotify(7)): systemd needs about eight on each host. Empty
 * where there are enough.
 */
export function inotifyShortage(): string {
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'))
  const used = globSync('/proc/[0-9]*/fd/*').filter(isInotify).length
  // Some belong to other users, who have a limit of their own.
  return used < limit - 8
    ? ''
    : `; ${used} inotify instances are in use and fs.inotify.max_user_instances is ${limit}: take another lab down, or raise it (sysctl)`
}

function isInotify(path: string): boolean {
  try {
    return readlinkSync(path) === 'anon_inode:inotify'
  } catch {
    return false
  }
}
