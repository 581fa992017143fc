import type {Become} from './become.ts'
import type {Carrier, Channel, LostBy} from './carrier.ts'
import type {ExecChannels} from './exec-channels.ts'
import {FramedShell} from './framed-shell.ts'
import {loopCommand} from './loop.ts'
import {type Session, type Shell, type ShellOptions, type Target, TransportError} from './transport.ts'
import type {OpenWire, WireEvents} from './wire.ts'

/** How long the last output may follow after the shell has ended, in milliseconds. */
const lastOutputMs = 1000
/** How long the connection's own end, which knows more, may follow that of a channel. */
const lastWordsMs = 300

/** A session over whatever carries it. */
export class CarriedSession implements Session {
  readonly host: string
  readonly #target: Target
  readonly #carrier: Carrier
  readonly #shells = new Map<string, FramedShell>()
  #channels: ExecChannels | undefined
  #lost: TransportError | undefined
  #closed = false

  constructor(target: Target, carrier: Carrier) {
    this.host = target.host
    this.#target = target
    this.#carrier = carrier
    carrier.onLost((fault, message) => this.#lose(fault, message))
  }

  shell({become: user, readOnly = false, isAside = false}: ShellOptions): Shell {
    const key = JSON.stringify([user ?? null, readOnly, isAside])
    const existing = this.#shells.get(key)
    if (existing !== undefined) return existing
    const become = this.#become(user)
    const {host} = this
    const {connectTimeoutMs: helloTimeoutMs} = this.#target
    const open: OpenWire = async (marker, prompt, events) => {
      if (this.#lost !== undefined) throw this.#lost
      let wire: Channel | undefined
      await this.#carrier.exec(loopCommand({marker, readOnly, become, prompt}), channel => {
        wire = channel
        listen(host, channel, events)
      })
      return {write: bytes => void wire?.stdin.write(bytes), close: () => wire?.destroy()}
    }
    const shell = new FramedShell({host, become, helloTimeoutMs}, open)
    this.#shells.set(key, shell)
    return shell
  }

  async withZx<Result>(
    {become}: {become?: string | undefined},
    task: ($: import('zx').Shell) => Promise<Result>,
  ): Promise<Result> {
    const [{runWithZx}, {ExecChannels}] = await Promise.all([import('./zx.ts'), import('./exec-channels.ts')])
    this.#channels ??= new ExecChannels(this.#carrier)
    return runWithZx(this.#channels, this.#become(become), task)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#lose('connection-lost', `the connection to ${this.host} was closed`)
    await this.#carrier.close()
  }

  #become(user: string | undefined): Become | undefined {
    return user === undefined ? undefined : {...this.#target.become, user}
  }

  #lose(fault: LostBy, message: string): void {
    if (this.#lost !== undefined) return
    this.#lost = new TransportError(fault, this.host, message)
    for (const shell of this.#shells.values()) shell.close(fault, message)
    void this.#carrier.close()
  }
}

const listen = (host: string, channel: Channel, events: WireEvents): void => {
  let hasExited = false
  let hasEnded = false
  const end = () => {
    if (hasEnded) return
    hasEnded = true
    events.end(hasExited ? undefined : {fault: 'connection-lost', message: `the connection to ${host} was lost`})
  }
  channel.stdout.on('data', (chunk: Buffer) => events.bytes(chunk))
  channel.stderr.on('data', (chunk: Buffer) => events.words(chunk))
  // A process that a fragment left behind may hold the channel open long after the shell has ended.
  channel.onExit(() => {
    hasExited = true
    setTimeout(end, lastOutputMs)
  })
  channel.onClose(() => (hasExited ? end() : setTimeout(end, lastWordsMs)))
}
