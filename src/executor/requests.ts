import type {Emit} from '../events.ts'
import type {Fact} from '../facts/fact.ts'
import type {Answer} from '../resources/resource.ts'
import {quote} from '../shell/quote.ts'
import {type Shell, TransportError} from '../transport/transport.ts'
import type {Connection} from './connection.ts'
import {type CheckResult, type HealthQuestions, noQuestions, questionOf} from './health.ts'
import {HostFailure} from './host-failure.ts'
import {type JournalEntry, journalFragment, parseJournal} from './journal.ts'
import {beatFragment, beatMs, lockFragment} from './lock.ts'
import type {Answers, Probed} from './plan.ts'
import {gatherFacts, probeAll} from './probe.ts'

export type RequestOptions = {
  readonly connection: Connection
  readonly mode: 'check' | 'apply'
  readonly runId: string
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Seconds to wait for another run to leave the host. */
  readonly lockWaitSeconds: number
}

export type Gathered = {
  readonly facts: Readonly<Record<string, unknown>>
  readonly health: readonly CheckResult[]
}

/** Times that one request may lose its connection before the host is given up. */
export const reconnects = 3

/** What a run asks one host. Facts and probes are inert, so that they are simply asked again after a lost connection. */
export class Requests {
  readonly #options: RequestOptions
  #locked = false
  #beating: NodeJS.Timeout | undefined
  #isConnected = false

  constructor(options: RequestOptions) {
    this.#options = options
  }

  get host(): string {
    return this.#options.connection.target.host
  }

  get connection(): Connection {
    return this.#options.connection
  }

  /** For a host on which only a task of another host does something: its lock, without facts. Apply only. */
  async lock(): Promise<void> {
    if (this.#options.mode === 'check' || this.#locked) return
    await this.#again(async () => {
      const {connection} = this.#options
      const {first} = await gatherFacts(await connection.shell(connection.become), [], [this.#lock()])
      this.#holds(first)
    })
  }

  /** Logs in, and becomes whom facts are gathered as. */
  async connect(): Promise<void> {
    await this.#again(async () => {
      await this.#shell()
    })
  }

  /**
   * One request: the lock (apply only), all facts and the host's part of its pair, which is another one where it is asked as
   * somebody else.
   */
  async gather(facts: readonly Fact<unknown>[], questions: HealthQuestions = noQuestions): Promise<Gathered> {
    const {mode, emit, connection} = this.#options
    const isTogether = questions.become === undefined || questions.become === connection.become
    const asked = isTogether ? questions.checks.map(questionOf) : []
    const values = await this.#again(async () => {
      const shell = await this.#shell()
      const lock = mode === 'apply' && !this.#locked ? [this.#lock()] : []
      const {values, first} = await gatherFacts(shell, [...facts, ...asked], lock)
      this.#holds(first)
      if (mode === 'check') await this.#warnIfWritable(shell)
      return values
    })
    const found = Object.fromEntries(facts.map(({name}) => [name, values[name]]))
    emit({event: 'facts', host: this.host, facts: found})
    const health = isTogether ? asked.map(({name}) => values[name] as CheckResult) : await this.#healthAs(questions)
    return {facts: found, health}
  }

  /** A play that needs no rights may be run by somebody who has none. */
  async #healthAs(questions: HealthQuestions): Promise<readonly CheckResult[]> {
    try {
      return await this.health(questions)
    } catch (error) {
      if (!(error instanceof TransportError) || error.fault !== 'become-refused') throw error
      return questions.checks.map(({name}) => ({name, is: 'sick', reason: `it cannot be asked: ${error.message}`}))
    }
  }

  /** One request: how the host does its part of its pair now. */
  async health({checks, become}: HealthQuestions): Promise<readonly CheckResult[]> {
    const {connection} = this.#options
    const questions = checks.map(questionOf)
    const {values} = await this.#again(async () =>
      gatherFacts(await connection.shell(become ?? connection.become), questions),
    )
    return questions.map(({name}) => values[name] as CheckResult)
  }

  /** A line in the journal of the host, for those who look there first. */
  async note(text: string): Promise<void> {
    await this.#again(async () =>
      (await this.#shell()).request([{id: 'note', script: `logger -t gatewright -p user.notice -- ${quote(text)}`}]),
    )
  }

  async #shell(): Promise<Shell> {
    const {connection, emit} = this.#options
    const shell = await connection.shell(connection.become)
    if (!this.#isConnected) emit({event: 'connected', host: this.host})
    this.#isConnected = true
    return shell
  }

  /** One request per privilege level, all under way at once. Answers are under the keys. */
  probe(all: readonly Probed[]): Promise<Answers> {
    const {connection} = this.#options
    const levels = [...Map.groupBy(all, ({become}) => become)]
    return this.#again(async () => {
      const answers = await Promise.all(
        levels.map(async ([become, some]) => {
          return probeAll(await connection.shell(become), some)
        }),
      )
      return new Map(answers.flatMap(some => [...some]))
    })
  }

  /** Connects again, takes the lock back, and asks the journal what this run's steps have come to. */
  async reconnect(reason: string, become: string | undefined): Promise<ReadonlyMap<string, JournalEntry>> {
    await this.#reopen(reason)
    const [journal] = await (await this.#options.connection.shell(become)).request([
      journalFragment(this.#options.runId),
    ])
    return parseJournal(journal?.status === 'done' ? journal.stdout : '')
  }

  async #again<Result>(ask: () => Promise<Result>): Promise<Result> {
    let lost: TransportError | undefined
    for (let losses = 0; ; losses++) {
      try {
        if (lost) await this.#reopen(lost.message)
        return await ask()
      } catch (error) {
        if (!(error instanceof TransportError) || error.fault !== 'connection-lost') throw error
        if (losses >= reconnects || this.#options.signal.aborted) throw error
        lost = error
      }
    }
  }

  /** The lock went with its connection; before it was taken there is none to take back. */
  async #reopen(reason: string): Promise<void> {
    const {connection, emit} = this.#options
    emit({event: 'reconnecting', host: this.host, reason})
    await connection.close()
    if (!this.#locked) return
    const [lock] = await (await connection.shell(connection.become)).request([this.#lock()])
    if (lock?.status !== 'done' || lock.code !== 0)
      throw new HostFailure(
        'failed',
        `the lock was lost with the connection: ${lock?.status === 'done' ? lock.stderr : ''}`,
      )
  }

  /** `lock`: the answer to its request, when one was sent. */
  #holds(lock: readonly Answer[]): void {
    const busy = lock.find(({code}) => code !== 0)
    if (busy) throw new HostFailure('failed', `${this.host}: ${(busy.stderr || busy.stdout).trim()}`)
    if (lock.length === 0) return
    this.#locked = true
    this.#beating ??= setInterval(() => void this.#beat(), beatMs).unref()
    for (const {stdout} of lock)
      if (stdout) this.#options.emit({event: 'warning', host: this.host, message: stdout.trim()})
  }

  /** Over a shell of its own: the other one may be busy for minutes. A beat that is lost is followed by others. */
  async #beat(): Promise<void> {
    const {connection, runId} = this.#options
    try {
      const session = await connection.present
      if (!session) return
      const {become} = connection
      const shell = session.shell({isAside: true, ...(become !== undefined && {become})})
      await shell.request([beatFragment(runId)])
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
    }
  }

  /** No more signs of life; the lock goes with the connection. */
  async close(): Promise<void> {
    clearInterval(this.#beating)
    this.#beating = undefined
    this.#locked = false
    await this.#options.connection.close()
  }

  #lock() {
    return lockFragment(this.#options.runId, {waitSeconds: this.#options.lockWaitSeconds})
  }

  /** Check mode is inert by its probes; the read-only view of the host is the second line of defence. */
  async #warnIfWritable(shell: Shell): Promise<void> {
    const {uid, mode} = await shell.hello()
    if (uid !== 0 || mode === 'ro') return
    const why = mode === 'partial' ? 'some could not be remounted' : 'unshare is refused here'
    const message = `probes run without a read-only view of the file systems (${why})`
    this.#options.emit({event: 'warning', host: this.host, message})
  }
}
