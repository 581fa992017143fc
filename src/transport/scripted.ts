import {spawn} from 'node:child_process'
import {FramedShell} from './framed-shell.ts'
import {loopArguments} from './loop.ts'
import type {Fragment, Outcome, Session, Shell, ShellOptions, Watch} from './transport.ts'
import type {OpenWire} from './wire.ts'

/** A request as a scripted session received it. */
export type RecordedRequest = {readonly shell: ShellOptions; readonly fragments: readonly Fragment[]}

/** A session without a network that remembers what it was asked. */
export type RecordingSession = Session & {readonly requests: readonly RecordedRequest[]}

/** What happens to the bytes between engine and host. All counts are over all shells of the session. */
export type LineOptions = {
  readonly host?: string
  /** Another POSIX shell, for instance `['/bin/busybox', 'sh']`. */
  readonly shell?: readonly string[]
  /** The line is cut once so many bytes have gone to the host. */
  readonly cutAfterBytesSent?: number
  /** The line is cut once so many bytes have come from the host. */
  readonly cutAfterBytesReceived?: number
  /** From here on nothing passes in either direction, and after keepaliveMs the host is given up. */
  readonly freezeAfterBytesReceived?: number
  readonly keepaliveMs?: number
}

export type LocalSession = RecordingSession & {readonly bytes: {readonly sent: number; readonly received: number}}

/** A transport for tests: the real loop and real frames in a child process of this machine, over a line that can break. */
export const localSession = (options: LineOptions = {}): LocalSession => {
  const {host = 'scripted', keepaliveMs = 1000} = options
  const line = new Line(options)
  const requests: RecordedRequest[] = []
  const shells = new Map<string, FramedShell>()
  const shell = (wanted: ShellOptions): Shell => {
    const key = JSON.stringify([wanted.become ?? null, wanted.readOnly === true, wanted.isAside === true])
    const framed = shells.get(key) ?? new FramedShell({host, helloTimeoutMs: 10_000}, line.open(wanted, keepaliveMs))
    shells.set(key, framed)
    return recording(framed, wanted, requests)
  }
  return {
    host,
    requests,
    bytes: line.bytes,
    shell,
    withZx: () => Promise.reject(new Error('a scripted session runs no zx')),
    close: async () => {
      for (const framed of shells.values()) framed.close('connection-lost', `the connection to ${host} was closed`)
    },
  }
}

/**
 * A transport for tests that runs nothing: `answer` says what each fragment gives. Steps after a failed step are skipped
 * as on a host.
 */
export const scripted = (
  answer: (fragment: Fragment, shell: ShellOptions) => Outcome,
  host = 'scripted',
): RecordingSession => {
  const requests: RecordedRequest[] = []
  const canned = (options: ShellOptions): Shell => ({
    hello: async () => ({uid: 0, pid: 1, mode: options.readOnly === true ? 'ro' : 'rw'}),
    async request(fragments, watch = {}) {
      let hasFailed = false
      return fragments.map(fragment => {
        const isSkipped = hasFailed && fragment.step === true
        if (!isSkipped) watch.onStart?.(fragment.id)
        const outcome: Outcome = isSkipped ? {status: 'skipped'} : answer(fragment, options)
        if (fragment.step === true && outcome.status === 'done' && outcome.code !== 0) hasFailed = true
        watch.onEnd?.(fragment.id, outcome)
        return outcome
      })
    },
  })
  return {
    host,
    requests,
    shell: options => recording(canned(options), options, requests),
    withZx: () => Promise.reject(new Error('a scripted session runs no zx')),
    close: async () => {},
  }
}

const recording = (shell: Shell, options: ShellOptions, requests: RecordedRequest[]): Shell => ({
  hello: () => shell.hello(),
  request(fragments: readonly Fragment[], watch?: Watch) {
    requests.push({shell: options, fragments})
    return shell.request(fragments, watch)
  },
})

const lastOutputMs = 500

/** The bytes between both ends, counted, and broken where the options say. */
class Line {
  readonly bytes = {sent: 0, received: 0}
  readonly #options: LineOptions
  readonly #broken: (() => void)[] = []
  #isBroken = false

  constructor(options: LineOptions) {
    this.#options = options
  }

  open(shell: ShellOptions, keepaliveMs: number): OpenWire {
    const {host = 'scripted', shell: [binary = '/bin/sh', ...first] = []} = this.#options
    return async (marker, _prompt, events) => {
      const [, ...rest] = loopArguments({marker, readOnly: shell.readOnly === true, shell: binary})
      // In a process group of its own, as under sshd: what a fragment does to its group must not reach the test.
      const child = spawn(binary, [...first, ...rest], {detached: true})
      let isOver = false
      const end = (reason?: Parameters<typeof events.end>[0]) => {
        if (isOver) return
        isOver = true
        child.stdin.destroy()
        child.stdout.destroy()
        child.stderr.destroy()
        events.end(reason)
      }
      this.#broken.push(() => end({fault: 'connection-lost', message: `the connection to ${host} was lost`}))
      const isFrozen = () => this.bytes.received >= (this.#options.freezeAfterBytesReceived ?? Infinity)
      child.stdin.on('error', () => {})
      child.stderr.on('data', (chunk: Buffer) => events.words(chunk))
      child.stdout.on('data', (chunk: Buffer) => {
        const {freezeAfterBytesReceived = Infinity, cutAfterBytesReceived = Infinity} = this.#options
        const passing = this.#pass('received', chunk, Math.min(freezeAfterBytesReceived, cutAfterBytesReceived))
        if (passing.length > 0 && !isOver) events.bytes(passing)
        if (this.bytes.received >= cutAfterBytesReceived) this.#break()
        else if (isFrozen()) {
          child.stdout.pause()
          setTimeout(
            () => end({fault: 'timeout', message: `${host} has answered nothing for ${keepaliveMs / 1000} s`}),
            keepaliveMs,
          )
        }
      })
      child.once('close', () => end())
      // A process that a fragment left behind may hold the pipe open long after the shell has ended.
      child.once('exit', () => setTimeout(end, lastOutputMs))
      return {
        write: bytes => {
          if (isOver || isFrozen()) return
          const {cutAfterBytesSent = Infinity} = this.#options
          const passing = this.#pass('sent', bytes, cutAfterBytesSent)
          child.stdin.write(passing, () => this.bytes.sent >= cutAfterBytesSent && this.#break())
        },
        close: () => end(),
      }
    }
  }

  #pass(way: 'sent' | 'received', chunk: Buffer, limit: number): Buffer {
    const passing = chunk.subarray(0, Math.max(0, limit - this.bytes[way]))
    this.bytes[way] += passing.length
    return passing
  }

  #break(): void {
    if (this.#isBroken) return
    this.#isBroken = true
    for (const end of this.#broken) end()
  }
}
