import {AsyncLocalStorage} from 'node:async_hooks'
import {EventEmitter} from 'node:events'
import {finished, PassThrough} from 'node:stream'
import type {Channel} from './carrier.ts'
import {commandStart} from './command-start.ts'
import type {ExecChannels} from './exec-channels.ts'
import type {RemoteCommand} from './remote-command.ts'

export type ChildOptions = {readonly stdio?: string | readonly string[]; readonly signal?: AbortSignal}

// Above Linux' PID_MAX_LIMIT (2^22): should anything call process.kill() with one, it hits no local process.
let nextPid = 0x40_00_00_00
const live = new Map<number, RemoteChild>()

/** The running remote child that has this (made up) process id. */
export const remoteChild = (pid: number): RemoteChild | undefined => live.get(pid)

/** A channel dressed as node's ChildProcess, as far as zx looks. */
export class RemoteChild extends EventEmitter {
  readonly pid: number
  readonly stdin: PassThrough | null
  readonly stdout: PassThrough | null
  readonly stderr: PassThrough | null
  exitCode: number | null = null
  signalCode: NodeJS.Signals | null = null
  killed = false
  readonly #channels: ExecChannels
  readonly #command: RemoteCommand
  readonly #out = new PassThrough()
  readonly #err = new PassThrough()
  /** Events of the channel come in the context of the connection; an author's listeners must not leave their own. */
  readonly #inContext = AsyncLocalStorage.snapshot()
  #remotePid: number | undefined
  #pendingSignal: string | undefined
  #sentSignal: NodeJS.Signals | undefined

  constructor(channels: ExecChannels, command: RemoteCommand, {stdio = 'pipe', signal}: ChildOptions) {
    super()
    this.pid = nextPid
    nextPid += 1
    live.set(this.pid, this)
    this.#channels = channels
    this.#command = command
    const [stdin = 'pipe', stdout = 'pipe', stderr = 'pipe'] = typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio
    this.stdin = stdin === 'pipe' ? new PassThrough() : null
    this.stdout = this.#direct(this.#out, stdout, process.stdout)
    this.stderr = this.#direct(this.#err, stderr, process.stderr)
    const abort = () => {
      this.kill('SIGTERM')
      const error = new Error('The operation was aborted', {cause: signal?.reason})
      this.emit('error', Object.assign(error, {name: 'AbortError', code: 'ABORT_ERR'}))
    }
    signal?.addEventListener('abort', abort, {once: true})
    void this.#run(() => {
      live.delete(this.pid)
      signal?.removeEventListener('abort', abort)
    })
  }

  /** sshd refuses the "signal" request of root logins, so the process group is killed by a second command. */
  kill(signal: string | number = 'SIGTERM'): boolean {
    const name = String(signal)
    if (this.#remotePid === undefined) {
      this.#pendingSignal = name
      return true
    }
    this.killed = true
    this.#sentSignal = name as NodeJS.Signals
    fire(this.#channels, this.#command.kill(name, this.#remotePid))
    return true
  }

  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  #direct(stream: PassThrough, to: string, inherited: NodeJS.WriteStream): PassThrough | null {
    if (to === 'pipe') return stream
    if (to === 'inherit') stream.pipe(inherited, {end: false})
    else stream.resume()
    return null
  }

  async #run(done: () => void): Promise<void> {
    const release = await this.#channels.place()
    const end = () => {
      done()
      release()
    }
    try {
      await this.#channels.open(this.#command.line, channel => this.#attach(channel, end))
    } catch (error) {
      this.#out.end()
      this.#err.end()
      end()
      this.emit('error', error)
      this.emit('exit', null, null)
      this.emit('close', null, null)
    }
  }

  #attach(channel: Channel, end: () => void): void {
    const start = commandStart(this.#command, channel, {
      pid: pid => {
        this.#remotePid = pid
        if (this.#pendingSignal !== undefined) this.kill(this.#pendingSignal)
      },
      ready: () => {
        if (this.stdin === null) channel.stdin.end()
        else this.stdin.pipe(channel.stdin)
      },
    })
    this.#forward(channel.stdout, this.#out)
    this.#forward(channel.stderr, this.#err, start.strip)
    let hasExited = false
    const inContext = this.#inContext
    channel.onExit((code, signal) =>
      inContext(() => {
        hasExited = true
        // The ssh program exits so when a signal ended the command, and cannot say which.
        const isKilled = code === 255 && this.#sentSignal !== undefined
        this.exitCode = isKilled ? null : code
        this.signalCode = (signal as NodeJS.Signals | undefined) ?? (isKilled ? (this.#sentSignal ?? null) : null)
        this.emit('exit', this.exitCode, this.signalCode)
      }),
    )
    channel.onClose(() =>
      inContext(() => {
        this.#out.end()
        this.#err.end(start.rest())
        if (!hasExited) {
          const error = new Error('the connection was lost before the command ended')
          this.emit('error', Object.assign(error, {code: 'ECONNRESET'}))
          this.emit('exit', null, null)
        }
        let open = 2
        const closed = () => {
          open -= 1
          if (open > 0) return
          end()
          this.emit('close', this.exitCode, this.signalCode)
        }
        finished(this.#out, {writable: false}, closed)
        finished(this.#err, {writable: false}, closed)
      }),
    )
  }

  /** Copies with back-pressure. zx destroys the stream when aborting: then the channel is drained, or it never closes. */
  #forward(from: NodeJS.ReadableStream, to: PassThrough, strip = (chunk: Buffer): Buffer => chunk): void {
    const inContext = this.#inContext
    from.on('data', (data: Buffer) =>
      inContext(() => {
        const chunk = strip(data)
        if (to.destroyed || to.writableEnded || chunk.length === 0) return
        if (!to.write(chunk)) from.pause()
      }),
    )
    to.on('drain', () => from.resume())
    to.once('close', () => from.resume())
  }
}

/** Runs a command whose end and output nobody waits for. */
const fire = (channels: ExecChannels, command: RemoteCommand): void => {
  const use = (channel: Channel) => {
    const start = commandStart(command, channel, {pid: () => {}, ready: () => channel.stdin.end()})
    channel.stdout.resume()
    channel.stderr.on('data', start.strip)
  }
  channels.open(command.line, use).catch(() => {})
}
