import {randomBytes} from 'node:crypto'
import {type Become, becomeAdvice, isAsking, ownsStdin} from './become.ts'
import {encodeRequest} from './encode-request.ts'
import {type Frame, FrameReader, type Hello, NotAFrame} from './frames.ts'
import {type Fragment, type Outcome, type Shell, TransportError, type TransportFault, type Watch} from './transport.ts'
import type {OpenWire, Wire} from './wire.ts'

export type FramedShellOptions = {
  readonly host: string
  readonly become?: Become | undefined
  /** Time for the hello frame. */
  readonly helloTimeoutMs: number
  /** Waited beyond a fragment's own limit before the shell is given up, in milliseconds. */
  readonly graceMs?: number
}

type Request = {
  readonly fragments: readonly Fragment[]
  /** Number of the first fragment on the wire. */
  readonly first: number
  readonly watch: Watch
  readonly outcomes: Outcome[]
  resolve(outcomes: readonly Outcome[]): void
  reject(error: TransportError): void
}

const longestWords = 16_384
const defaultGraceMs = 10_000

/** The client's side of loop.ts: one shell, requests in, outcomes out. */
export class FramedShell implements Shell {
  readonly #options: FramedShellOptions
  readonly #reader: FrameReader
  readonly #prompt: string | undefined
  readonly #hello = Promise.withResolvers<Hello>()
  readonly #queue: Request[] = []
  #unsent: Buffer[] = []
  readonly #opening: Promise<Wire | undefined>
  #wire: Wire | undefined
  #greeted = false
  /** sudo has had the password. */
  #asked = false
  #failure: TransportError | undefined
  #next = 0
  #begun: string | undefined
  #stdout: Buffer | undefined
  #words = ''
  #timer: NodeJS.Timeout | undefined

  constructor(options: FramedShellOptions, open: OpenWire) {
    this.#options = options
    const marker = `gw${randomBytes(12).toString('hex')}`
    this.#prompt = options.become?.password === undefined ? undefined : `${randomBytes(12).toString('hex')}:`
    this.#reader = new FrameReader(marker)
    // Nobody may be waiting for the hello: its failure is told to the requests as well.
    this.#hello.promise.catch(() => {})
    this.#limit(options.helloTimeoutMs, () =>
      this.#fail(
        'timeout',
        `${this.#name} gave no sign of life within ${seconds(options.helloTimeoutMs)} after it was started`,
      ),
    )
    const opening = open(marker, this.#prompt, {
      bytes: chunk => this.#receive(chunk),
      words: chunk => this.#listen(chunk.toString()),
      end: reason => (reason === undefined ? this.#ended() : this.#fail(reason.fault, reason.message, reason.cause)),
    })
    this.#opening = opening.then(
      wire => this.#opened(wire),
      (error: unknown) => this.#unopened(error),
    )
  }

  hello(): Promise<Hello> {
    return this.#hello.promise
  }

  request(fragments: readonly Fragment[], watch: Watch = {}): Promise<readonly Outcome[]> {
    if (fragments.length === 0) return Promise.resolve([])
    const {promise, resolve, reject} = Promise.withResolvers<readonly Outcome[]>()
    const request: Request = {fragments, first: this.#next, watch, outcomes: [], resolve, reject}
    this.#next += fragments.length
    if (this.#failure !== undefined) {
      reject(this.#failureOf(request))
      return promise
    }
    this.#queue.push(request)
    this.#unsent.push(encodeRequest(fragments, request.first))
    this.#flush()
    return promise
  }

  /** Gives the shell up; open requests fail with `fault`. */
  close(fault: TransportFault, message: string): void {
    this.#fail(fault, message)
  }

  #opened(wire: Wire): Wire {
    this.#wire = wire
    if (this.#failure !== undefined) wire.close()
    else this.#flush()
    return wire
  }

  #unopened(error: unknown): undefined {
    if (error instanceof TransportError) this.#fail(error.fault, error.message, error)
    else this.#fail('connection-lost', `cannot start ${this.#name}: ${String(error)}`, error)
  }

  get #name(): string {
    const {host, become} = this.#options
    return become === undefined ? `the shell on ${host}` : `the shell of ${become.user} on ${host}`
  }

  #flush(): void {
    const {become} = this.#options
    if (this.#wire === undefined || (!this.#greeted && become !== undefined && ownsStdin(become))) return
    for (const bytes of this.#unsent) this.#wire.write(bytes)
    this.#unsent = []
  }

  #listen(words: string): void {
    this.#words = (this.#words + words).slice(-longestWords)
    const {become} = this.#options
    if (this.#greeted || become === undefined || !isAsking(become, this.#prompt, this.#words)) return
    const {password} = become
    this.#words = ''
    if (password === undefined) return this.#fail('become-refused', this.#refusal('a password is required'))
    if (this.#asked) return this.#fail('become-refused', this.#refusal('the become password was not accepted'))
    this.#asked = true
    // It may be asked in the very turn in which the wire comes up, before that is known here.
    void this.#opening.then(wire => wire?.write(Buffer.from(`${password}\n`)))
  }

  #receive(chunk: Buffer): void {
    if (this.#failure !== undefined) return
    try {
      for (const frame of this.#reader.push(chunk)) this.#accept(frame)
    } catch (error) {
      if (!(error instanceof NotAFrame)) throw error
      this.#fail('shell-died', `${this.#name} answered out of step: ${error.message}`, error)
    }
  }

  #accept(frame: Frame): void {
    if (frame.is === 'hello') {
      clearTimeout(this.#timer)
      this.#greeted = true
      this.#words = ''
      this.#hello.resolve({uid: frame.uid, pid: frame.pid, mode: frame.mode})
      return this.#flush()
    }
    const request = this.#queue[0]
    const fragment = request?.fragments[frame.n - request.first]
    if (request === undefined || fragment === undefined || frame.n - request.first !== request.outcomes.length)
      throw new NotAFrame(`${frame.is} ${frame.n}`)
    if (frame.is === 'begin') {
      this.#begun = fragment.id
      if (fragment.timeoutMs !== undefined) this.#watchLimit(fragment.id, fragment.timeoutMs)
      request.watch.onStart?.(fragment.id)
    } else if (frame.is === 'stdout') this.#stdout = frame.bytes
    else if (frame.is === 'skipped') this.#answer(request, fragment, {status: 'skipped'})
    else {
      const stdout = this.#stdout?.toString() ?? ''
      this.#stdout = undefined
      const {code} = frame
      const {timeoutMs} = fragment
      const stopped = code === 124 && timeoutMs !== undefined ? `stopped after ${seconds(timeoutMs)}\n` : ''
      this.#answer(request, fragment, {status: 'done', code, stdout, stderr: frame.bytes.toString() + stopped})
    }
  }

  #answer(request: Request, fragment: Fragment, outcome: Outcome): void {
    clearTimeout(this.#timer)
    this.#begun = undefined
    request.outcomes.push(outcome)
    request.watch.onEnd?.(fragment.id, outcome)
    if (request.outcomes.length < request.fragments.length) return
    this.#queue.shift()
    request.resolve(request.outcomes)
  }

  #watchLimit(id: string, timeoutMs: number): void {
    this.#limit(timeoutMs + (this.#options.graceMs ?? defaultGraceMs), () =>
      this.#fail('timeout', `${id} did not end within ${seconds(timeoutMs)} and could not be stopped`),
    )
  }

  #limit(ms: number, expire: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(expire, ms)
  }

  #ended(): void {
    const {become} = this.#options
    if (!this.#greeted)
      return become === undefined
        ? this.#fail('login-refused', `the login shell did not start /bin/sh${this.#said()}`)
        : this.#fail('become-refused', this.#refusal(''))
    const during =
      this.#begun === undefined
        ? 'between two fragments'
        : `while it ran ${titleOf(this.#begun, this.#queue[0]?.fragments)}`
    this.#fail('shell-died', `${this.#name} ended ${during}${this.#said()}`)
  }

  #refusal(why: string): string {
    const {become} = this.#options
    if (become === undefined) return why
    const {user, method = 'sudo'} = become
    const isForbidden = /is not allowed to execute|is not in the sudoers file/.test(this.#words)
    const advice = isForbidden ? 'allow it in sudoers' : becomeAdvice(become, this.#asked)
    return `${method} does not let this user become ${user}${why ? `: ${why}` : ''}${this.#said()}; ${advice}`
  }

  #said(): string {
    // sudo repeats the whole command that it refuses.
    const words = this.#words.trim().replace(/'[^\n]*\/sh -c [^\n]*' as /, '/bin/sh as ')
    return words === '' ? '' : `: ${words.split('\n').slice(-3).join(' / ')}`
  }

  #fail(fault: TransportFault, message: string, cause?: unknown): void {
    if (this.#failure !== undefined) return
    clearTimeout(this.#timer)
    this.#failure = new TransportError(fault, this.#options.host, message, {cause, fragment: this.#begun})
    this.#wire?.close()
    this.#hello.reject(this.#failure)
    for (const request of this.#queue.splice(0)) request.reject(this.#failureOf(request))
  }

  #failureOf(request: Request): TransportError {
    const failure = this.#failure as TransportError
    const at = request.outcomes.length
    const answered = new Map(request.outcomes.map((outcome, n) => [request.fragments[n]?.id ?? '', outcome]))
    const during = request.fragments.some(({id}) => id === failure.fragment) ? failure.fragment : undefined
    const where = during ?? request.fragments[at]?.id
    const lost = failure.fault === 'connection-lost' || failure.fault === 'timeout'
    const message = lost
      ? `${failure.message} (${during === undefined ? 'before' : 'during'} ${titleOf(where, request.fragments)})`
      : failure.message
    return new TransportError(failure.fault, failure.host, message, {cause: failure.cause, fragment: during, answered})
  }
}

const titleOf = (id: string | undefined, fragments: readonly Fragment[] = []): string =>
  fragments.find(fragment => fragment.id === id)?.title ?? id ?? 'anything'

const seconds = (ms: number): string => `${ms / 1000} s`
