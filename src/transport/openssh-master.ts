import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, rmSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {type Answer, answerQuestions} from './askpass.ts'
import {areNamesHashed} from './file-host-key.ts'
import type {Means} from './means.ts'
import {masterArguments, pinnedLines, proxyThrough} from './openssh-arguments.ts'
import {explainOpenssh, noteNewKey, type Words, wordsOf} from './openssh-words.ts'
import {retryLogin} from './retry-login.ts'
import {type Lease, sharedHops} from './shared-hops.ts'
import {type Target, TransportError} from './transport.ts'

/** A connection of the ssh program, over which others of its processes open channels. */
export type Master = {
  readonly executable: string
  readonly socket: string
  readonly words: Words
  /** Resolves when it is over, for whatever reason. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const pollMs = 10
const goodbyeMs = 1000
const living = new Map<ChildProcess, string>()

/** No master and no socket outlives this process. */
process.once('exit', () => {
  for (const [child, directory] of living) {
    child.kill('SIGKILL')
    rmSync(directory, {recursive: true, force: true})
  }
})

/** Starts a master and waits until it has logged in, through the jump hosts of the target. */
export const startMaster = async (target: Target, means: Means): Promise<Master> => {
  const lease = await enterHop(means)(target)
  try {
    const master = await retryLogin(target, deadline => tryStart(target, means, deadline, lease))
    void master.ended.then(() => lease?.release())
    return master
  } catch (error) {
    lease?.release()
    throw error
  }
}

type Enter = (target: Target) => Promise<Lease<Master> | undefined>
const enters = new WeakMap<Means, Enter>()

/** Jump hosts are shared by all connections that are made with the same means. */
const enterHop = (means: Means): Enter => {
  const enter =
    enters.get(means) ??
    sharedHops<Master>(
      hop => startMaster(hop, means),
      master => void master.stop(),
      (master, ended) => void master.ended.then(ended),
    )
  enters.set(means, enter)
  return enter
}

const tryStart = async (
  target: Target,
  means: Means,
  deadline: number,
  lease: Lease<Master> | undefined,
): Promise<Master> => {
  const {executable = 'ssh'} = target.openssh ?? {}
  const directory = await mkdtemp(join(shortTemporary(), 'gw-'))
  const [socket, pins] = [join(directory, 's'), join(directory, 'k')]
  const answers = answersOf(target, means)
  const [asking, hashed] = await Promise.all([
    answers && answerQuestions(directory, answers),
    target.acceptNew === true && target.knownHosts[0] !== undefined && areNamesHashed(target.knownHosts[0]),
    target.hostKeys && writeFile(pins, pinnedLines(target), {mode: 0o600}),
  ])
  const proxyCommand = lease && proxyThrough(lease.connection.executable, lease.connection.socket)
  const options = {socket, pins, mayAsk: asking !== undefined, hashed, proxyCommand}
  // In a process group of its own: an interrupt at the terminal must not end the connection before the engine does.
  const child = spawn(executable, masterArguments(target, options), {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {...process.env, LC_ALL: 'C', ...asking?.env},
  })
  living.set(child, directory)
  const outlived = child.pid === undefined ? undefined : endWithThisProcess(child.pid, directory)
  const words = wordsOf(child.stderr)
  let missing: Error | undefined
  let isOver = false
  const over = Promise.withResolvers<void>()
  child.once('close', over.resolve)
  child.once('error', error => {
    missing = error
    over.resolve()
  })
  const ended = over.promise
  const cleanUp = async (): Promise<void> => {
    await ended
    isOver = true
    living.delete(child)
    outlived?.stdin.end('over\n')
    asking?.close()
    await rm(directory, {recursive: true, force: true})
  }
  const cleaned = cleanUp()
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), goodbyeMs)
    await cleaned
    clearTimeout(timer)
  }
  while (!existsSync(socket)) {
    if (isOver) throw await explainOpenssh(target, words, missing)
    if (performance.now() >= deadline) {
      child.kill('SIGKILL')
      const {host, address, port, connectTimeoutMs} = target
      const message = `${host} (${address} port ${port}) did not answer within ${connectTimeoutMs / 1000} s (${words.stage()})`
      throw new TransportError('timeout', host, message)
    }
    await sleep(pollMs)
  }
  asking?.close()
  noteNewKey(target, words, means.note)
  return {executable, socket, words, ended, stop}
}

/** Ends a master, and removes its socket, when this process is gone without a word: killed, the pipe is all that tells. */
const endWithThisProcess = (master: number, directory: string) => {
  const script = 'read -r said; [ "$said" = over ] || kill -KILL "$1"; rm -rf "$2"'
  const watcher = spawn('sh', ['-c', script, 'sh', String(master), directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  return watcher
}

/** What ssh may be told when it asks; undefined, if there is nothing to tell. */
const answersOf = ({password, passphrase}: Target, {passphrases}: Means): Answer | undefined => {
  if (password === undefined && passphrase === undefined && passphrases.size === 0) return undefined
  return question => {
    const [, file] = /passphrase for (?:key )?'(.*)'/.exec(question) ?? []
    if (file !== undefined) return passphrases.get(file) ?? passphrase
    // A host key is never accepted this way.
    return /password/i.test(question) ? password : undefined
  }
}

/** macOS has long names for temporary directories. */
const shortTemporary = (): string => (tmpdir().length > 40 ? '/tmp' : tmpdir())
