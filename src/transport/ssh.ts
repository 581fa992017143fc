import type {Client, ClientChannel} from 'ssh2'
import {FramedShell} from './framed-shell.ts'
import {loopCommand} from './loop.ts'
import {watchLife} from './session-life.ts'
import {type LoggedIn, logIn} from './ssh-client.ts'
import {type Connect, type Session, type Shell, type ShellOptions, type Target, TransportError} from './transport.ts'
import type {OpenWire, WireEvents} from './wire.ts'

/** Opens a session over ssh2. */
export const connectSsh: Connect = async target => new SshSession(target, await logIn(target))

/** How long the last output may follow after the shell has ended, in milliseconds. */
const lastOutputMs = 1000
const goodbyeMs = 1000

class SshSession implements Session {
  readonly host: string
  readonly #target: Target
  readonly #client: Client
  readonly #shells = new Map<string, FramedShell>()
  readonly #stopWatching: () => void
  #lost: TransportError | undefined
  #closed = false

  constructor(target: Target, {client, socket}: LoggedIn) {
    this.host = target.host
    this.#target = target
    this.#client = client
    this.#stopWatching = watchLife(socket, target.keepaliveMs, () =>
      this.#lose(
        'timeout',
        `${this.host} has answered nothing for ${target.keepaliveMs / 1000} s, the connection is given up`,
      ),
    )
    let reason = ''
    client.on('error', error => {
      reason = `: ${error.message}`
    })
    client.on('close', () => this.#lose('connection-lost', `the connection to ${this.host} was lost${reason}`))
  }

  shell(options: ShellOptions): Shell {
    const {become, readOnly = false, isAside = false} = options
    const key = JSON.stringify([become ?? null, readOnly, isAside])
    const existing = this.#shells.get(key)
    if (existing !== undefined) return existing
    const {host} = this
    const {connectTimeoutMs: helloTimeoutMs} = this.#target
    const becomePassword = become === undefined ? undefined : this.#target.becomePassword
    const shell = new FramedShell({host, become, becomePassword, helloTimeoutMs}, this.#openWire(become, readOnly))
    this.#shells.set(key, shell)
    return shell
  }

  async withZx<Result>(
    {become}: {become?: string | undefined},
    task: ($: import('zx').Shell) => Promise<Result>,
  ): Promise<Result> {
    const {runWithZx} = await import('./zx.ts')
    return runWithZx(this.#client, become, task)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopWatching()
    const {promise, resolve} = Promise.withResolvers<void>()
    this.#client.once('close', resolve)
    this.#client.end()
    const timer = setTimeout(resolve, goodbyeMs)
    await promise
    clearTimeout(timer)
    this.#client.destroy()
    this.#lose('connection-lost', `the connection to ${this.host} was closed`)
  }

  #lose(fault: 'connection-lost' | 'timeout', message: string): void {
    if (this.#lost !== undefined) return
    this.#lost = new TransportError(fault, this.host, message)
    this.#stopWatching()
    for (const shell of this.#shells.values()) shell.close(fault, message)
    this.#client.destroy()
  }

  #openWire(become: string | undefined, readOnly: boolean): OpenWire {
    return (marker, prompt, events) => {
      if (this.#lost !== undefined) return Promise.reject(this.#lost)
      const {promise, resolve, reject} = Promise.withResolvers<ClientChannel>()
      this.#client.exec(loopCommand({marker, readOnly, become, prompt}), (error, channel) => {
        if (error !== undefined) return reject(error)
        // Here and not behind an await: ssh2 may emit the first data in this very turn.
        listen(this.host, channel, events)
        resolve(channel)
      })
      return promise.then(channel => ({
        write: bytes => void channel.write(bytes),
        close: () => channel.destroy(),
      }))
    }
  }
}

const listen = (host: string, channel: ClientChannel, events: WireEvents): void => {
  let hasExited = false
  let hasEnded = false
  const end = () => {
    if (hasEnded) return
    hasEnded = true
    events.end(hasExited ? undefined : {fault: 'connection-lost', message: `the connection to ${host} was lost`})
  }
  channel.on('data', (chunk: Buffer) => events.bytes(chunk))
  channel.stderr.on('data', (chunk: Buffer) => events.words(chunk))
  channel.on('error', () => {})
  // A process that a fragment left behind may hold the channel open long after the shell has ended.
  channel.on('exit', () => {
    hasExited = true
    setTimeout(end, lastOutputMs)
  })
  // The connection's own end comes just after that of its channels, and knows more.
  channel.on('close', () => (hasExited ? end() : setImmediate(end)))
}
