import type {Registered} from '../executor/plan.ts'
import type {Found, LinesOptions} from './lines.ts'
import type {Slot} from './slots.ts'

const registering = new WeakMap<readonly Slot[], ReadonlyMap<string, readonly Slot[]>>()

/** Name -> slots that register it, the last first. A plan asks for every entry anew. */
const registeringIn = (slots: readonly Slot[]): ReadonlyMap<string, readonly Slot[]> => {
  const known = registering.get(slots)
  if (known) return known
  const named = slots.toReversed().flatMap(slot => {
    const name = slot.entry === 'units' ? undefined : slot.entry.control.register
    return name === undefined ? [] : [{name, slot}]
  })
  const made = new Map(
    [...Map.groupBy(named, ({name}) => name)].map(([name, all]) => [name, all.map(({slot}) => slot)]),
  )
  registering.set(slots, made)
  return made
}

/** What the entries before a slot have registered, by name; it notes what is asked for. */
export class KnownResults {
  /** Some result was asked for. */
  isUsed = false
  /** One of them is not real yet. */
  isProvisional = false
  readonly #slots: readonly Slot[]
  readonly #before: number
  readonly #context: LinesOptions & {readonly found: Found}

  constructor(slots: readonly Slot[], before: number, context: LinesOptions & {readonly found: Found}) {
    this.#slots = slots
    this.#before = before
    this.#context = context
  }

  get(name: string): Registered | undefined {
    this.isUsed = true
    const {result, isReal} = this.#ofFailure(name) ?? this.#find(name)
    if (!result || !isReal) this.isProvisional = true
    return result
  }

  #ofFailure(name: string): Result | undefined {
    const {failed} = this.#context.found.troubles
    if (failed && name === 'ansible_failed_result') return {result: failed.result, isReal: true}
    if (failed && name === 'ansible_failed_task')
      return {result: {name: failed.task, changed: false, failed: true}, isReal: true}
    return undefined
  }

  #find(name: string): Result {
    const {found, once, host} = this.#context
    for (const {play, entry, number, handler} of registeringIn(this.#slots).get(name) ?? []) {
      // A handler that was not notified leaves what was registered before.
      if (number >= this.#before || entry === 'units' || (handler && !found.results.has(number))) continue
      const elsewhere = entry.control.runOnce ? once(entry, play, host.name) : undefined
      if (elsewhere && elsewhere.host !== host.name) return elsewhere
      return {result: found.results.get(number), isReal: found.real.has(number)}
    }
    return {result: undefined, isReal: false}
  }
}

type Result = {readonly result: Registered | undefined; readonly isReal: boolean}
