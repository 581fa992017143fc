import {createHash} from 'node:crypto'
import {lstat, readdir, readFile, readlink} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {leaderPid, type Topology, upperDirectory} from '../../lab/index.ts'
import {onHost} from './site.ts'

/**
 * Files that the act of logging in or of logging writes; check mode has no part in them. Everything else that differs is
 * a write.
 */
const changesByItself = [
  // journald and logind
  /^\/(run|var)\/log\/journal\//,
  /^\/run\/systemd\/(journal|sessions|users|seats|inhibit|units)(\/|$)/,
  /^\/run\/(user|utmp)(\/|$)/,
  /^\/var\/log\/(wtmp|btmp|lastlog)$/,
  // FRR's buffers of messages, which are mapped into memory
  /^\/var\/tmp\/frr\//,
  // sshd, sudo, PAM
  /^\/run\/(sshd|sudo|faillock|motd\.dynamic)(\/|$)/,
  /^\/var\/lib\/(sudo|systemd\/linger)(\/|$)/,
  /^\/home(\/operator(\/\.sudo_as_admin_successful)?)?$/,
]

/** Every path below `top` with type, mode, owner, link target and digest; `shown` is what stands for `top` in it. */
const walk = async (top: string, shown: string): Promise<string[]> => {
  const lines: string[] = []
  for (const entry of await readdir(top, {withFileTypes: true, recursive: true})) {
    const path = join(entry.parentPath, entry.name)
    const name = join(shown, relative(top, path))
    // What goes away between listing and reading is volatile state of a daemon; it would be missing in the other list too.
    const info = await lstat(path).catch(() => undefined)
    if (!info || info.isSocket()) continue
    const content = info.isSymbolicLink() ? await readlink(path) : info.isFile() ? await digest(path) : ''
    lines.push([name, info.mode.toString(8), `${info.uid}:${info.gid}`, content].join('\t'))
  }
  return lines.toSorted()
}

const digest = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

export type HostState = Readonly<Record<'files' | 'nft' | 'routes' | 'sysctls' | 'units', readonly string[]>>

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean)

/** Everything that check mode must leave as it was. */
export const hostState = async (topology: Topology, host: string): Promise<HostState> => {
  const ask = async (script: string): Promise<string[]> => linesOf(await onHost(topology, host, script))
  const seenByHost = `/proc/${await leaderPid(topology, host)}/root`
  const volatile = await Promise.all(['/run', '/tmp', '/dev/shm'].map(top => walk(join(seenByHost, top), top)))
  const files = [...(await walk(upperDirectory(topology, host), '/')), ...volatile.flat()]
  return {
    files: files.filter(line => !changesByItself.some(pattern => pattern.test(line.split('\t')[0] ?? ''))),
    nft: await ask('nft --stateless list ruleset'),
    routes: (await ask('ip route show table all; ip -6 route show table all; ip rule; ip -6 rule')).map(line =>
      line.replace(/ expires \d+sec/, ''),
    ),
    sysctls: (await ask('sysctl -a 2>/dev/null')).filter(line => !selfChanging.test(line)),
    units: (await onHost(topology, host, "systemctl show --property=Id,InvocationID,ActiveState '*.service'"))
      .split('\n\n')
      .map(block => block.trim().split('\n').toSorted().join(' ')),
  }
}

const selfChanging =
  /^(fs\.(dentry-state|inode-nr|inode-state|file-nr|quota)|kernel\.(random\.|ns_last_pid|pty\.nr|sched|keys)|net\.netfilter\.nf_conntrack_count|vm\.(stat|drop)|net\.ipv4\.tcp_mem)/

/** Lines that stand in only one of two states, for a message that says what was written. */
export const differences = (before: HostState, after: HostState): string[] =>
  (Object.keys(before) as (keyof HostState)[]).flatMap(part => {
    const [old, now] = [new Set(before[part]), new Set(after[part])]
    return [
      ...before[part].filter(line => !now.has(line)).map(line => `${part} - ${line}`),
      ...after[part].filter(line => !old.has(line)).map(line => `${part} + ${line}`),
    ]
  })
