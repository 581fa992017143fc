import type {HostRun, HostRunOptions} from '../executor/host-run.ts'
import type {Fact} from '../facts/fact.ts'
import {standardFacts} from '../facts/standard.ts'
import {TransportError} from '../transport/transport.ts'
import {NeedsFactsOf} from './evaluation-error.ts'
import type {Once} from './lines.ts'
import type {Entry, Facts, Play} from './model.ts'
import {programOf} from './program.ts'
import type {RunOptions} from './run.ts'
import type {RunHosts} from './run-hosts.ts'
import {RunOnce} from './run-once.ts'
import type {Semaphore} from './semaphore.ts'
import {slotsOf} from './slots.ts'
import {taskRunner} from './task-run.ts'

/** Facts and plans of all hosts, each made as soon as what it needs of other hosts is there. */
export class PlanHosts {
  readonly #options: RunOptions
  readonly #hosts: RunHosts
  readonly #turns: Semaphore
  readonly #once = new RunOnce()
  readonly #runs = new Map<string, HostRun>()
  readonly #gathered = new Map<string, PromiseWithResolvers<void>>()
  readonly #facts = new Map<string, Facts>()
  readonly #planned = new Map<string, PromiseWithResolvers<void>>()

  constructor(options: RunOptions, hosts: RunHosts, turns: Semaphore) {
    this.#options = options
    this.#hosts = hosts
    this.#turns = turns
    for (const name of new Set(options.fleet.plays.flatMap(play => play.hosts))) {
      this.#gathered.set(name, Promise.withResolvers<void>())
      this.#planned.set(name, Promise.withResolvers<void>())
    }
  }

  /** What the run of a host tells of entries that run once, and waits for. */
  hooksOf(host: string): Pick<HostRunOptions, 'onResult' | 'othersBefore'> {
    const slots = slotsOf(this.#options.fleet, host)
    return {
      onResult: (slot, result) => {
        const entry = slots[slot]?.entry
        if (entry && entry !== 'units' && entry.control.runOnce) this.#once.settle(entry, host, result)
      },
      othersBefore: async slot => {
        for (const {play, entry} of slots.slice(0, slot)) {
          if (entry === 'units' || !entry.control.runOnce) continue
          const there = this.#once.hostOf(play, host)
          if (there !== host) await this.#turns.outside(this.#once.ended(entry, there))
        }
      },
    }
  }

  /** A host has come to the end of a play, in whatever way. */
  ended(host: string, {entries}: Play): void {
    for (const entry of entries) if (entry.control.runOnce) this.#once.settle(entry, host, undefined)
  }

  /** Facts and plan of one host. Its turn is free for others while it waits for what they find out. */
  async plan(run: HostRun): Promise<void> {
    const {host} = run
    const [gathered, planned] = [this.#gathered.get(host), this.#planned.get(host)]
    this.#runs.set(host, run)
    try {
      await this.#turns.within(async () => {
        this.#options.emit({event: 'host-start', host})
        await this.#lockPair(host, 'before')
        this.#facts.set(host, await run.gather(this.#factsFor(host)))
        gathered?.resolve()
        await this.#lockPair(host, 'after')
        const awaited = await this.#planOnce(run)
        planned?.resolve()
        if (awaited.size === 0) return
        await this.#turns.outside(Promise.all([...awaited].map(async other => this.#planned.get(other)?.promise)))
        await this.#planOnce(run)
      })
      run.announce()
    } catch (error) {
      for (const play of this.#options.fleet.plays) this.ended(host, play)
      throw error
    } finally {
      gathered?.resolve()
      planned?.resolve()
    }
  }

  /**
   * A pair is locked as a whole, in the order of the names, so that two runs never wait for each other. A host that cannot be
   * reached keeps nobody from working on the other one.
   */
  async #lockPair(host: string, which: 'before' | 'after'): Promise<void> {
    const {fleet, mode, emit} = this.#options
    const pair = fleet.hosts.get(host)?.host.pair
    if (mode === 'check' || pair === undefined) return
    const members = [...fleet.hosts.values()].filter(other => other.host.pair === pair).map(({name}) => name)
    for (const name of members.toSorted().filter(other => (which === 'before' ? other < host : other > host))) {
      const gathered = this.#gathered.get(name)
      if (gathered) {
        if (which === 'before') await this.#turns.outside(gathered.promise)
        continue
      }
      try {
        await this.#hosts.requestsOf(name).lock()
      } catch (error) {
        if (!(error instanceof TransportError)) throw error
        emit({event: 'warning', host, message: `its pair is not locked as a whole: ${error.message}`})
      }
    }
  }

  /** Gives the hosts whose plans were not there yet and would have told more. */
  async #planOnce(run: HostRun): Promise<ReadonlySet<string>> {
    const {fleet, mode, emit} = this.#options
    const host = fleet.hosts.get(run.host)
    const facts = this.#facts.get(run.host)
    const awaited = new Set<string>()
    if (!host || !facts) return awaited
    const once = (entry: Entry, play: Play): Once => {
      const there = this.#once.hostOf(play, run.host)
      const real = this.#once.result(entry, there)
      if (real || there === run.host) return {host: there, result: real, isReal: real !== undefined}
      const slot = slotsOf(fleet, there).find(other => other.entry === entry)?.number
      const result = slot === undefined ? undefined : this.#runs.get(there)?.result(slot)
      if (!result) awaited.add(there)
      return {host: there, result, isReal: false}
    }
    const runTask = taskRunner(fleet, name => this.#hosts.connectionTo(name), emit)
    const program = programOf({fleet, host, facts, mode, runTask, once, factsOf: name => this.#factsOf(name)})
    for (;;) {
      try {
        await run.plan(program)
        return awaited
      } catch (error) {
        if (!(error instanceof NeedsFactsOf)) throw error
        await this.#turns.outside(this.#gathered.get(error.host)?.promise ?? Promise.resolve())
        // A host that gathers nothing, or cannot be reached, has no facts.
        if (!this.#facts.has(error.host)) this.#facts.set(error.host, {})
      }
    }
  }

  #factsOf(host: string): Facts | undefined {
    const facts = this.#facts.get(host)
    if (!facts && this.#gathered.has(host)) throw new NeedsFactsOf(host)
    return facts
  }

  #factsFor(host: string): readonly Fact<unknown>[] {
    const plays = this.#options.fleet.plays.filter(({hosts}) => hosts.includes(host))
    const roles = plays.flatMap(({entries}) => entries.flatMap(entry => ('call' in entry ? [entry.call.role] : [])))
    const all: Fact<unknown>[] = [
      ...(plays.some(({gatherFacts}) => gatherFacts) ? Object.values(standardFacts) : []),
      ...roles.flatMap(({facts}) => Object.values(facts as Record<string, Fact<unknown>>)),
    ]
    return [...new Map(all.map(fact => [fact.name, fact])).values()]
  }
}
