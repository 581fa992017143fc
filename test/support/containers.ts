import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {quote} from '../../src/shell/quote.ts'
import {keygen} from './sshd.ts'

/** A host without systemd: its own processes, host name and file system, and a real sshd on a port of 127.0.0.1. */
export type Container = {
  readonly name: string
  readonly port: number
  /** Every process of it stops, or goes on; the kernel still takes its connections. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Runs a script as root in it, past its sshd. */
  run(script: string): string
}

export type Containers = {
  readonly hosts: readonly Container[]
  readonly keyFile: string
  readonly knownHosts: string
  stop(): Promise<void>
}

/**
 * The container's first process: over the machine's own file system, which stays as it is, lies one in memory that takes
 * what is written.
 */
const scriptOf = (directory: string, name: string, config: string): string => `set -e
mount --make-rprivate /
mount -t tmpfs -o size=64m tmpfs ${quote(directory)}
cd ${quote(directory)}
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount -t proc proc root/proc
mount --rbind /dev root/dev
mount -t sysfs -o ro sysfs root/sys
mount -t tmpfs tmpfs root/run
rm -rf root/var/lib/gatewright
mkdir -p root/run/sshd root/tmp
hostname ${quote(name)}
printf '%s\\n' ${quote(config)} >root/run/sshd_config
exec chroot root /usr/sbin/sshd -D -e -f /run/sshd_config`

/** `count` ports of 127.0.0.1 on which nothing listens. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({length: count}, () => createServer())
  const ports = await Promise.all(
    servers.map(
      server =>
        new Promise<number>(resolve => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as {port: number}).port))
        }),
    ),
  )
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

/** Starts a container for each name; root only. All hosts have keys of their own, and one key of the user. */
export const startContainers = async (names: readonly string[]): Promise<Containers> => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-containers-'))
  chmodSync(directory, 0o755)
  const keyFile = join(directory, 'user')
  const knownHosts = join(directory, 'known_hosts')
  keygen(keyFile)
  const ports = await freePorts(names.length)
  const children: ChildProcess[] = []
  const known: string[] = []
  const hosts = names.map((name, index) => {
    const place = join(directory, name)
    const port = ports[index] ?? 0
    mkdirSync(place)
    const hostKey = join(directory, `${name}.key`)
    keygen(hostKey)
    known.push(`[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`)
    const config = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${keyFile}.pub`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
    ].join('\n')
    const namespaces = ['--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child']
    const child = spawn('unshare', [...namespaces, '/bin/sh', '-c', scriptOf(place, name, config)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    children.push(child)
    let log = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
    return {name, port, child, log: () => log}
  })
  writeFileSync(knownHosts, known.join(''))
  const stop = async (): Promise<void> => {
    // What is stopped takes no other signal than this.
    const exits = children.map(child => new Promise(resolve => child.once('exit', resolve)))
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all(exits.filter((_, index) => children[index]?.exitCode === null))
    rmSync(directory, {recursive: true, force: true})
  }
  try {
    for (const {name, child, log} of hosts)
      for (let tries = 0; !log().includes('Server listening'); tries++) {
        if (tries > 3000 || child.exitCode !== null) throw new Error(`${name} does not start: ${log()}`)
        await sleep(10)
      }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    keyFile,
    knownHosts,
    hosts: hosts.map(({name, port, child}) => ({name, port, ...handlesOf(child)})),
    stop,
  }
}

const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const handlesOf = ({pid = 0}: ChildProcess): Pick<Container, 'signal' | 'run'> => {
  const descendants = (of: number): number[] => childrenOf(of).flatMap(child => [child, ...descendants(child)])
  return {
    signal(signal) {
      for (const each of descendants(pid))
        try {
          process.kill(each, signal)
        } catch {
          // It has ended meanwhile.
        }
    },
    run(script) {
      const [first = 0] = childrenOf(pid)
      const into = ['-t', String(first), '-a', '-r', '-w', '/bin/sh', '-c', script]
      return execFileSync('nsenter', into, {encoding: 'utf8'})
    },
  }
}

/** Whether this machine lets the test make them. */
export const canContain = (): boolean =>
  process.getuid?.() === 0 && ['/usr/bin/unshare', '/usr/bin/nsenter', '/usr/sbin/sshd'].every(existsSync)
