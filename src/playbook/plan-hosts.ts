import type {HostRun, HostRunOptions} from '../executor/host-run.ts'
import {NeedsFactsOf} from './evaluation-error.ts'
import type {Gathering} from './gathering.ts'
import {judgePair} from './judge-pair.ts'
import type {Once} from './lines.ts'
import type {Entry, Facts, Play} from './model.ts'
import {programOf} from './program.ts'
import type {RunOptions} from './run-context.ts'
import type {RunHosts} from './run-hosts.ts'
import {RunOnce} from './run-once.ts'
import type {Semaphore} from './semaphore.ts'
import {slotsOf} from './slots.ts'
import {taskRunner} from './task-run.ts'

/** Plans of all hosts, each made as soon as what it needs of other hosts is there. */
export class PlanHosts {
  readonly #options: RunOptions
  readonly #hosts: RunHosts
  readonly #turns: Semaphore
  readonly #gathering: Gathering
  readonly #once = new RunOnce()
  readonly #runs = new Map<string, HostRun>()
  readonly #planned = new Map<string, PromiseWithResolvers<void>>()
  /** Hosts whose facts were waited for in vain. */
  readonly #factless = new Set<string>()

  constructor(
    options: RunOptions,
    {hosts, turns, gathering}: {hosts: RunHosts; turns: Semaphore; gathering: Gathering},
  ) {
    this.#options = options
    this.#hosts = hosts
    this.#turns = turns
    this.#gathering = gathering
    for (const name of new Set(options.fleet.plays.flatMap(play => play.hosts)))
      this.#planned.set(name, Promise.withResolvers<void>())
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
          await this.#turns.outside(Promise.all(play.hosts.map(async name => this.#gathering.ended(name))))
          const there = this.#onceHostOf(play, host)
          if (there !== host) await this.#turns.outside(this.#once.ended(entry, there))
        }
      },
    }
  }

  /** A host has come to the end of a play, in whatever way. */
  ended(host: string, {entries, handlers}: Play): void {
    const tasks = handlers.flatMap(handler => (handler.of === 'task' ? [handler.entry] : []))
    for (const entry of [...entries, ...tasks]) if (entry.control.runOnce) this.#once.settle(entry, host, undefined)
  }

  /** Facts and plan of one host. Its turn is free for others while it waits for what they find out. */
  async plan(run: HostRun): Promise<void> {
    const {host} = run
    this.#runs.set(host, run)
    const planned = this.#planned.get(host)
    try {
      await this.#gathering.connect(host)
      await this.#turns.within(async () => {
        await this.#gathering.gather(run)
        const awaited = await this.#planOnce(run)
        planned?.resolve()
        if (awaited.size > 0) {
          await this.#turns.outside(Promise.all([...awaited].map(async other => this.#planned.get(other)?.promise)))
          await this.#planOnce(run)
        }
        await this.#turns.outside(this.#gathering.pairEnded(host))
      })
      judgePair(host, this.#options.fleet, this.#gathering, this.#options.emit)
      run.announce()
    } finally {
      planned?.resolve()
    }
  }

  /** Gives the hosts whose plans were not there yet and would have told more. */
  async #planOnce(run: HostRun): Promise<ReadonlySet<string>> {
    const {fleet, mode, emit} = this.#options
    const host = fleet.hosts.get(run.host)
    const facts = this.#gathering.factsOf(run.host)
    const awaited = new Set<string>()
    if (!host || !facts) return awaited
    const once = (entry: Entry, play: Play): Once => {
      const there = this.#onceHostOf(play, run.host)
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
        await this.#turns.outside(this.#gathering.ended(error.host))
        this.#factless.add(error.host)
      }
    }
  }

  /** Throws NeedsFactsOf while the order of the play's hosts is not known. */
  #onceHostOf(play: Play, host: string): string {
    return this.#once.hostOf(play, this.#gathering.health.inOrder(play.hosts), host)
  }

  /** A host that gathers nothing, or cannot be reached, has no facts. */
  #factsOf(host: string): Facts | undefined {
    if (!this.#gathering.has(host)) return undefined
    const facts = this.#gathering.factsOf(host)
    if (!facts && !this.#factless.has(host)) throw new NeedsFactsOf(host)
    return facts ?? {}
  }
}
