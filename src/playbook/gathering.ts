import {type HealthQuestions, noQuestions} from '../executor/health.ts'
import {HostFailure} from '../executor/host-failure.ts'
import type {HostRun} from '../executor/host-run.ts'
import type {Fact} from '../facts/fact.ts'
import {standardFacts} from '../facts/standard.ts'
import {judgesPairs} from '../role.ts'
import {TransportError} from '../transport/transport.ts'
import type {Facts, Play} from './model.ts'
import {type HostHealth, healthOf, PairHealth, silent} from './pair-health.ts'
import type {RunOptions} from './run-context.ts'
import type {RunHosts} from './run-hosts.ts'
import {Semaphore} from './semaphore.ts'

/** Logins at the same time: sshd begins to drop them at ten that are not through (MaxStartups, sshd_config(5)). */
const leastLogins = 10

/** Facts and health of the hosts of a run and of the peers of their pairs; in apply mode, their locks. */
export class Gathering {
  readonly health: PairHealth
  readonly #options: RunOptions
  readonly #hosts: RunHosts
  readonly #turns: Semaphore
  readonly #logins: Semaphore
  readonly #facts = new Map<string, Facts>()
  readonly #ended = new Map<string, PromiseWithResolvers<void>>()
  /** Peers that no play names. */
  readonly #peers = new Map<string, Promise<void>>()

  constructor(options: RunOptions, hosts: RunHosts, turns: Semaphore) {
    this.#options = options
    this.#hosts = hosts
    this.#turns = turns
    this.#logins = new Semaphore(Math.max(options.forks, leastLogins))
    this.health = new PairHealth(options.fleet)
    for (const name of new Set(options.fleet.plays.flatMap(play => play.hosts)))
      this.#ended.set(name, Promise.withResolvers<void>())
  }

  /** A host of the run. It has a turn only when it answers: a login that hangs keeps nobody waiting. */
  async connect(host: string): Promise<void> {
    await this.#logins.within(async () => {
      if (this.#options.signal.aborted) throw new HostFailure('interrupted', 'interrupted')
      this.#options.emit({event: 'host-start', host})
      await this.#hosts.requestsOf(host).connect()
    })
  }

  /**
   * One request. A pair is locked as a whole, in the order of the names, so that two runs never wait for each other. A peer
   * that cannot be reached keeps nobody from working on the other one.
   */
  async gather(run: HostRun): Promise<void> {
    const {host} = run
    const peers = this.health.peersOf(host)
    const isLocked = this.#options.mode === 'apply'
    for (const peer of peers.filter(name => isLocked && name < host))
      await (this.has(peer) ? this.#turns.outside(this.ended(peer)) : this.#gatherPeer(peer, host))
    const {facts, health} = await run.gather(this.#factsFor(host), this.#checksOf(host))
    this.#facts.set(host, facts)
    this.#tell(host, healthOf(health))
    this.#ended.get(host)?.resolve()
    for (const peer of peers.filter(name => !this.has(name) && (!isLocked || name > host)))
      await this.#gatherPeer(peer, host)
  }

  /** A host of the run has failed; it may never have answered. */
  end(host: string, reason: string): void {
    if (!this.health.of(host)) this.#tell(host, silent(reason))
    this.#ended.get(host)?.resolve()
  }

  /** Facts of a host; undefined: it has none, and will not have any. */
  factsOf(host: string): Facts | undefined {
    return this.#facts.get(host)
  }

  /** A host of the run. */
  has(host: string): boolean {
    return this.#ended.has(host)
  }

  /** Resolves when a host was asked, or will not be. */
  async ended(host: string): Promise<void> {
    await (this.#ended.get(host)?.promise ?? this.#peers.get(host))
  }

  /** The pair of a host was asked, as far as it answers. */
  async pairEnded(host: string): Promise<void> {
    await Promise.all(this.health.peersOf(host).map(async peer => this.ended(peer)))
  }

  /** A peer outside of the run: for its lock, its health and what is compared with it. */
  async #gatherPeer(peer: string, host: string): Promise<void> {
    const known = this.#peers.get(peer)
    const asking = known ?? this.#askPeer(peer, host)
    this.#peers.set(peer, asking)
    await this.#turns.outside(asking)
  }

  async #askPeer(peer: string, host: string): Promise<void> {
    const {mode, emit} = this.#options
    const [facts, questions] = [this.#factsFor(peer), this.#checksOf(peer)]
    if (mode === 'check' && facts.length + questions.checks.length === 0) return
    try {
      const found = await this.#hosts.requestsOf(peer).gather(facts, questions)
      this.#facts.set(peer, found.facts)
      this.#tell(peer, healthOf(found.health))
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      this.#tell(peer, silent(error.message))
      if (mode === 'apply')
        emit({event: 'warning', host, message: `its pair is not locked as a whole: ${error.message}`})
    }
  }

  #tell(host: string, health: HostHealth): void {
    this.health.set(host, health)
    if (health.checks.length > 0 && this.health.isGated(host) && !this.#options.signal.aborted)
      this.#options.emit({event: 'gate', host, when: 'before', is: health.is, checks: health.checks})
  }

  #checksOf(host: string): HealthQuestions {
    const hasPeers = this.health.peersOf(host).length > 0
    return (hasPeers ? this.#options.fleet.health.get(host) : undefined) ?? noQuestions
  }

  #factsFor(host: string): readonly Fact<unknown>[] {
    const {plays} = this.#options.fleet
    const own = plays.filter(({hosts}) => hosts.includes(host))
    const all: Fact<unknown>[] = [
      ...(own.some(({gatherFacts}) => gatherFacts) ? Object.values(standardFacts) : []),
      ...own.flatMap(factsOfRoles),
      ...this.#comparedOn(host),
      ...(this.#options.fleet.liveFacts.get(host) ?? []),
      ...(this.#options.fleet.observations.get(host) ?? []),
    ]
    return [...new Map(all.map(fact => [fact.name, fact])).values()]
  }

  /** Facts that the running roles compare between the hosts of a pair. */
  #comparedOn(host: string): readonly Fact<unknown>[] {
    return this.#options.fleet.plays.flatMap(({entries}) =>
      entries.flatMap(entry =>
        entry.entry === 'role' && entry.call.vars.has(host) && judgesPairs(entry.call.role)
          ? Object.values(entry.call.role.facts as Record<string, Fact<unknown>>)
          : [],
      ),
    )
  }
}

const factsOfRoles = ({entries}: Play): Fact<unknown>[] =>
  entries.flatMap(entry =>
    'call' in entry ? Object.values(entry.call.role.facts as Record<string, Fact<unknown>>) : [],
  )
