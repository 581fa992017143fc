import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {PassThrough} from 'node:stream'
import {finished} from 'node:stream/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {CarriedSession} from './carried-session.ts'
import type {Carrier, Channel} from './carrier.ts'
import {childChannel} from './child-channel.ts'
import type {Means} from './means.ts'
import {overMaster} from './openssh-arguments.ts'
import {type Master, startMaster} from './openssh-master.ts'
import type {Session, Target} from './transport.ts'

/** Opens a session over the ssh program of this machine: slower than ssh2, and able to do all that it can. */
export const connectOpenssh = async (target: Target, means: Means): Promise<Session> =>
  new CarriedSession(target, carrierOf(target, await startMaster(target, means)))

/** What the program exits with when the connection, and not the command, has failed. */
const ownFailure = 255
/** How long after its channels the end of a master may be noticed. */
const masterFollowsMs = 500

const carrierOf = ({host}: Target, master: Master): Carrier => {
  const running = new Set<ChildProcessWithoutNullStreams>()
  let closing: Promise<void> | undefined
  const start = (line: string) => {
    const words = overMaster(master.socket, ['--', 'host', line])
    const child = spawn(master.executable, words, {detached: true, env: {...process.env, LC_ALL: 'C'}})
    running.add(child)
    child.once('close', () => running.delete(child))
    return child
  }
  const stop = async () => {
    await master.stop()
    for (const child of running) child.kill()
  }
  return {
    exec: async (line, use) => use(await opened(start(line), master)),
    onLost: async listener => {
      await master.ended
      if (closing !== undefined) return
      const said = master.words.said()
      if (/Timeout, server|not responding/.test(said))
        listener('timeout', `${host} answers nothing any more, the connection is given up: ${said}`)
      else listener('connection-lost', `the connection to ${host} was lost${said && `: ${said}`}`)
    },
    close: () => {
      closing ??= stop()
      return closing
    },
  }
}

const refusedWords = /^(mux_client|Control ?socket|ControlSocket|Session open refused)/m

/** Waits for the first output or the end: only then is it known whether the server has opened a channel. */
const opened = async (child: ChildProcessWithoutNullStreams, master: Master): Promise<Channel> => {
  const channel = childChannel(child)
  const {promise, resolve, reject} = Promise.withResolvers<void>()
  child.once('error', reject)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  channel.stdout.once('data', resolve)
  channel.stderr.once('data', (first: Buffer) => {
    if (!refusedWords.test(first.toString())) return resolve()
    channel.onClose(() => reject(new Error(first.toString().trim().replaceAll('\n', ' / '))))
  })
  channel.onClose(resolve)
  channel.stdout.pipe(stdout)
  channel.stderr.pipe(stderr)
  await promise
  const read = Promise.all([stdout, stderr].map(stream => finished(stream, {writable: false}).catch(() => {})))
  return judgedBy(master, {...channel, stdout, stderr, onClose: listener => void read.then(listener)})
}

/** The program exits alike when the connection is lost and when a signal ended the command: the master tells them apart. */
const judgedBy = (master: Master, channel: Channel): Channel => {
  const exit = new Promise<number | null>(resolve => channel.onExit(resolve)).then(async code => {
    if (code !== ownFailure) return {code}
    const isLost = await Promise.race([master.ended.then(() => true), sleep(masterFollowsMs, false)])
    return isLost ? undefined : {code}
  })
  return {
    ...channel,
    onExit: listener => void exit.then(end => end && listener(end.code, undefined)),
    onClose: listener => channel.onClose(() => void exit.then(() => listener())),
  }
}
