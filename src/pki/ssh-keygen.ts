import {spawn, spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {connect} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {refuse} from './names.ts'

/** Runs a program of OpenSSH. Times are UTC, whatever the machine's zone is. Throws InvalidInput. */
const call = (words: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}, input?: string): void => {
  const [program, ...rest] = words
  const {status, stderr, error} = spawnSync(program, rest, {
    env: {...process.env, LC_ALL: 'C', TZ: 'UTC', ...env},
    encoding: 'utf8',
    stdio: ['pipe', 'ignore', 'pipe'],
    ...(input !== undefined && {input}),
  })
  if (error) refuse('pki-ssh', `${program} cannot be run`, "install OpenSSH's client", error.message)
  if (status !== 0) refuse('pki-ssh', `${program} ended with code ${status}`, 'look at what it says', stderr.trim())
}

/** A directory of the present user's own, for as long as `work` lasts. */
const inDirectory = async <Result>(work: (directory: string) => Result | Promise<Result>): Promise<Result> => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-ssh-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

/** The socket is there for a moment before somebody listens. */
const answers = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({path})
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

/** Runs `work` with an agent that holds a key: ssh-keygen signs with it, and the key stands in no file. */
const withAgent = async (key: string, directory: string, work: (env: NodeJS.ProcessEnv) => void): Promise<void> => {
  const socket = join(directory, 'agent')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], {stdio: 'ignore'})
  let failure: string | undefined
  agent.once('error', error => (failure = error.message))
  agent.once('exit', code => (failure ??= `it ended with code ${code}`))
  const env = {SSH_AUTH_SOCK: socket}
  try {
    while (!(await answers(socket))) {
      if (failure !== undefined) refuse('pki-ssh', 'ssh-agent cannot be run', "install OpenSSH's client", failure)
      await sleep(5)
    }
    call(['ssh-add', '-q', '-'], env, key)
    work(env)
  } finally {
    agent.kill()
  }
}

export type SshRequest = {
  readonly serial: string
  readonly name: string
  readonly principals: readonly string[]
  readonly publicKey: string
  readonly from: string
  readonly until: string
  /** Addresses from which the certificate may be used. */
  readonly sources: readonly string[]
}

/** `20261123080000` */
const stamp = (time: string): string => time.replaceAll(/\D/g, '').slice(0, 14)

/** A user certificate, one line. It may open terminals and forward ports (jump hosts), and nothing else. */
export const signUserKey = (request: SshRequest, authority: string, key: string): Promise<string> =>
  inDirectory(async directory => {
    const [authorityFile, keyFile] = [join(directory, 'ca.pub'), join(directory, 'key.pub')]
    writeFileSync(authorityFile, `${authority}\n`)
    writeFileSync(keyFile, `${request.publicKey} ${request.name}\n`)
    const {serial, name, principals, from, until, sources} = request
    const options = ['clear', 'permit-pty', 'permit-port-forwarding'].concat(
      sources.length > 0 ? [`source-address=${sources.join(',')}`] : [],
    )
    const about = ['-I', name, '-n', principals.join(','), '-z', serial, '-V', `${stamp(from)}:${stamp(until)}`]
    const words = ['-q', '-U', '-s', authorityFile, ...about, ...options.flatMap(each => ['-O', each]), keyFile]
    await withAgent(key, directory, env => call(['ssh-keygen', ...words], env))
    return readFileSync(join(directory, 'key-cert.pub'), 'utf8').trimEnd()
  })

/** A key revocation list of OpenSSH for certificates with these serials. */
export const keyRevocationList = (serials: readonly string[], number: number, authority: string): Promise<Buffer> =>
  inDirectory(directory => {
    const file = (name: string, text: string): string => {
      writeFileSync(join(directory, name), text)
      return join(directory, name)
    }
    const list = join(directory, 'krl')
    const specification = file('specification', serials.map(serial => `serial: ${serial}\n`).join(''))
    const authorityFile = file('ca.pub', `${authority}\n`)
    call(['ssh-keygen', '-q', '-k', '-f', list, '-z', String(number), '-s', authorityFile, specification])
    return readFileSync(list)
  })
