import type {Registered} from '../executor/plan.ts'
import type {Found, LinesOptions} from './lines.ts'
import type {Slot} from './slots.ts'

/** What the entries before one have registered, by name; it notes what is asked for. */
export class KnownResults extends Map<string, Registered> {
  /** Some result was asked for. */
  isUsed = false
  /** One of them is not real yet. */
  isProvisional = false
  readonly #provisional = new Set<string>()

  constructor(before: readonly Slot[], {found, once, host}: LinesOptions & {readonly found: Found}) {
    super()
    for (const {play, entry, number, handler} of before) {
      if (entry === 'units' || entry.control.register === undefined) continue
      // A handler that was not notified leaves what was registered before.
      if (handler && !found.results.has(number)) continue
      const name = entry.control.register
      const elsewhere = entry.control.runOnce ? once(entry, play, host.name) : undefined
      const there = elsewhere?.host === host.name ? undefined : elsewhere
      const {result, isReal} = there ?? {result: found.results.get(number), isReal: found.real.has(number)}
      this.delete(name)
      this.#provisional.delete(name)
      if (result) this.set(name, result)
      if (!isReal) this.#provisional.add(name)
    }
    const {failed} = found.troubles
    if (failed) {
      this.set('ansible_failed_result', failed.result)
      this.set('ansible_failed_task', {name: failed.task, changed: false, failed: true})
    }
  }

  override get(name: string): Registered | undefined {
    this.isUsed = true
    const result = super.get(name)
    if (!result || this.#provisional.has(name)) this.isProvisional = true
    return result
  }
}
