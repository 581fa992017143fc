import type {Registered} from '../executor/plan.ts'
import {batchesOf} from './batches.ts'
import type {Entry, Play} from './model.ts'

type Once = {readonly done: PromiseWithResolvers<void>; result?: Registered}

/** Entries that run on one host only: the first of each batch. What comes of them is known to all hosts of it. */
export class RunOnce {
  readonly #all = new Map<Entry, Map<string, Once>>()

  /** `hosts`: those of the play, in the order in which it takes them. */
  hostOf({serial}: Play, hosts: readonly string[], host: string): string {
    return batchesOf(hosts, serial).find(batch => batch.includes(host))?.[0] ?? host
  }

  result(entry: Entry, host: string): Registered | undefined {
    return this.#once(entry, host).result
  }

  settle(entry: Entry, host: string, result: Registered | undefined): void {
    const once = this.#once(entry, host)
    if (result) once.result = result
    once.done.resolve()
  }

  /** Resolves when an entry has ended on its host, or will not run there any more. */
  async ended(entry: Entry, host: string): Promise<void> {
    await this.#once(entry, host).done.promise
  }

  #once(entry: Entry, host: string): Once {
    const hosts = this.#all.get(entry) ?? new Map<string, Once>()
    this.#all.set(entry, hosts)
    const once = hosts.get(host) ?? {done: Promise.withResolvers<void>()}
    hosts.set(host, once)
    return once
  }
}
