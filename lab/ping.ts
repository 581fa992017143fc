import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as pause} from 'node:timers/promises'
import {leaderPid} from './exec.ts'
import {type Gap, longestGap, type Reply, repliesOf} from './gap.ts'
import type {Topology} from './topology.ts'

/** A probe under way. `stop` ends it and gives every answer that came. */
type Ping = {
  /** Resolves when the first answer has come. */
  readonly answered: Promise<void>
  stop(): Promise<Reply[]>
}

/** Pings `address` from a host of the lab every `intervalMs` until it is stopped. */
const startPing = async (
  topology: Topology,
  host: string,
  address: string,
  {intervalMs = 5}: {intervalMs?: number} = {},
): Promise<Ping> => {
  // Not into the PID namespace: nsenter would stay in between and keep the signal that ends ping to itself.
  const enter = ['--target', String(await leaderPid(topology, host)), '--net', '--mount']
  const ping = ['ping', '-n', '-D', '-i', String(intervalMs / 1000), address]
  const child = spawn('nsenter', [...enter, ...ping], {stdio: ['ignore', 'pipe', 'pipe']})
  let output = ''
  let complaint = ''
  const answered = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('time=')) resolve()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    child.on('error', reject)
    child.on('close', code =>
      reject(new Error(`ping of ${address} from ${host} ended with code ${code}: ${complaint}`)),
    )
  })
  // Whoever does not wait for the first answer learns from `stop` that none came.
  answered.catch(() => undefined)
  return {
    answered,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'close')
        child.kill('SIGINT')
        await ended
      }
      return repliesOf(output)
    },
  }
}

const firstAnswerMs = 30_000

/**
 * The longest gap that a host of the lab sees at `address` while `event` happens, and for `settleMs` before and after it;
 * undefined where too few answers came to tell. The first answer must come before the event begins.
 * @throws Error when none comes within 30 s
 */
export const gapDuring = async (
  topology: Topology,
  host: string,
  address: string,
  event: () => Promise<void>,
  {intervalMs = 5, settleMs = 1500}: {intervalMs?: number; settleMs?: number} = {},
): Promise<Gap | undefined> => {
  const ping = await startPing(topology, host, address, {intervalMs})
  try {
    const silent = `${address} does not answer ${host}: not once in ${firstAnswerMs / 1000} s, so no gap can be measured`
    await Promise.race([
      ping.answered,
      pause(firstAnswerMs, undefined, {ref: false}).then(() => Promise.reject(new Error(silent))),
    ])
    await pause(settleMs)
    await event()
    await pause(settleMs)
  } finally {
    await ping.stop()
  }
  return longestGap(await ping.stop())
}
