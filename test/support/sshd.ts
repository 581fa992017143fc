import {execFileSync, spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Target} from '../../src/transport/transport.ts'

/** An sshd of the test's own on 127.0.0.1, with keys of its own. */
export type TestServer = {
  readonly port: number
  /** Holds all its files. */
  readonly directory: string
  /** A target that logs in as the user of the test. */
  readonly target: Target
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string
  log(): string
  /** Stops (`SIGSTOP`) or continues every process below the daemon: a frozen server. */
  signalSessions(signal: 'SIGSTOP' | 'SIGCONT'): void
  stop(): Promise<void>
}

const binary = '/usr/sbin/sshd'

/** Installs openssh-server and sudo where they are missing; no service is started. */
const ensureInstalled = (): void => {
  const missing = [...(existsSync(binary) ? [] : ['openssh-server']), ...(existsSync('/usr/bin/sudo') ? [] : ['sudo'])]
  if (missing.length === 0 || userInfo().uid !== 0) return
  const policy = '/usr/sbin/policy-rc.d'
  const isOurs = !existsSync(policy)
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', {mode: 0o755})
  try {
    const options = {env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'}, stdio: 'ignore'} as const
    const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends']
    execFileSync('apt-get', [...install, ...missing], options)
  } finally {
    if (isOurs) unlinkSync(policy)
  }
}

/** A port of 127.0.0.1 on which nothing listens. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const {port} = server.address() as {port: number}
      server.close(() => resolve(port))
    })
  })

/** Makes a key pair: `file` and `file.pub`. */
export const keygen = (file: string, passphrase = ''): void =>
  void execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'test', '-f', file])

/** Process ids of all descendants of `pid`. */
const descendants = (pid: number): number[] => {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], {encoding: 'utf8'})
  const pairs = rows
    .trim()
    .split('\n')
    .map(row => row.trim().split(/\s+/).map(Number) as [number, number])
  const below = (parent: number): number[] =>
    pairs.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

/** `settings` are further lines of sshd_config. */
export const startSshd = async (settings: readonly string[] = []): Promise<TestServer> => {
  ensureInstalled()
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-sshd-'))
  // Other users of the test have to reach authorized_keys.
  chmodSync(directory, 0o755)
  const [hostKeyFile, userKeyFile] = [join(directory, 'host'), join(directory, 'user')]
  keygen(hostKeyFile)
  keygen(userKeyFile)
  const port = await freePort()
  // sshd takes the first line for each keyword.
  const config = [
    ...settings,
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${userKeyFile}.pub`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'MaxStartups 100',
    '',
  ]
  const configFile = join(directory, 'sshd_config')
  writeFileSync(configFile, config.join('\n'))
  if (userInfo().uid === 0) execFileSync('mkdir', ['-p', '/run/sshd'])
  const child = spawn(binary, ['-D', '-e', '-f', configFile], {stdio: ['ignore', 'ignore', 'pipe']})
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  for (let tries = 0; !log.includes('Server listening'); tries += 1) {
    if (tries > 500 || child.exitCode !== null) throw new Error(`sshd does not start: ${log}`)
    await sleep(10)
  }
  const [type, key] = readFileSync(`${hostKeyFile}.pub`, 'utf8').split(' ')
  const hostKey = `${type} ${key}`
  const knownHosts = join(directory, 'known_hosts')
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`)
  return {
    port,
    directory,
    hostKey,
    target: {
      host: 'gw-test',
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      keyFiles: [userKeyFile],
      knownHosts: [knownHosts],
      connectTimeoutMs: 40_000,
      keepaliveMs: 10_000,
    },
    log: () => log,
    signalSessions: signal => {
      for (const pid of descendants(child.pid as number)) process.kill(pid, signal)
    },
    stop: async () => {
      const below = descendants(child.pid as number)
      const exited = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await exited
      for (const pid of below)
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // It has ended with its connection.
        }
      rmSync(directory, {recursive: true, force: true})
    },
  }
}
