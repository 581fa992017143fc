import type {Connect, Session, Shell, Target} from '../transport/transport.ts'

/** The connection to one host, made when it is first needed and again after it was lost. */
export class Connection {
  readonly target: Target
  /** The account that facts are gathered and the lock is held as; undefined is the login user. */
  readonly become: string | undefined
  readonly #connect: Connect
  readonly #readOnly: boolean
  #session: Promise<Session> | undefined

  constructor(connect: Connect, target: Target, options: {become: string | undefined; readOnly: boolean}) {
    this.#connect = connect
    this.target = target
    this.become = options.become
    this.#readOnly = options.readOnly
  }

  session(): Promise<Session> {
    this.#session ??= this.#connect(this.target)
    return this.#session
  }

  async shell(become: string | undefined): Promise<Shell> {
    return (await this.session()).shell({readOnly: this.#readOnly, ...(become !== undefined && {become})})
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
}
