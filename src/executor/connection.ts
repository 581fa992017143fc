import {type Connect, type Session, type Shell, type Target, TransportError} from '../transport/transport.ts'

type ConnectionOptions = {
  readonly become: string | undefined
  readonly readOnly: boolean
  readonly signal: AbortSignal
  /** The output of running steps is told while they run. */
  readonly isLive?: boolean
}

/** The connection to one host, made when it is first needed and again after it was lost. */
export class Connection {
  readonly target: Target
  /** The account that facts are gathered and the lock is held as; undefined is the login user. */
  readonly become: string | undefined
  readonly isLive: boolean
  readonly #connect: Connect
  readonly #readOnly: boolean
  readonly #signal: AbortSignal
  #session: Promise<Session> | undefined

  constructor(connect: Connect, target: Target, options: ConnectionOptions) {
    this.#connect = connect
    this.target = target
    this.become = options.become
    this.isLive = options.isLive ?? false
    this.#readOnly = options.readOnly
    this.#signal = options.signal
  }

  session(): Promise<Session> {
    this.#session ??= this.#open()
    return this.#session
  }

  /** A login of its own, beside the present session. */
  login(): Promise<Session> {
    return this.#connect(this.target)
  }

  /** The present session, if there is one. */
  get present(): Promise<Session> | undefined {
    return this.#session
  }

  async shell(become: string | undefined): Promise<Shell> {
    return (await this.session()).shell({readOnly: this.#readOnly, ...(become !== undefined && {become})})
  }

  /** For questions while the shell above is busy. */
  async sideShell(become: string | undefined): Promise<Shell> {
    return (await this.session()).shell({isAside: true, ...(become !== undefined && {become})})
  }

  /** Forgets the present session; what it was sent already may still finish on the host. */
  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.then(
      open => open.close(),
      () => undefined,
    )
  }

  /**
   * An interruption does not wait for a host that does not answer; a session that comes too late is closed. What runs on
   * after it may still connect, to come to its end.
   */
  async #open(): Promise<Session> {
    const opening = this.#connect(this.target)
    const {promise: interrupted, reject} = Promise.withResolvers<never>()
    const stop = (): void => {
      const {host} = this.target
      reject(new TransportError('unreachable', host, `interrupted while connecting to ${host}`))
      void opening.then(
        late => late.close(),
        () => undefined,
      )
    }
    this.#signal.addEventListener('abort', stop, {once: true})
    try {
      return await Promise.race([opening, interrupted])
    } finally {
      this.#signal.removeEventListener('abort', stop)
    }
  }
}
