import {acts, type Emit, type HostStatus, type HostSummary, noCounts, type Verdict} from '../events.ts'
import {HostFailure, stays} from './host-failure.ts'
import {Outcomes} from './outcomes.ts'
import {type Answers, isDue, type PlanItem, type Probed, type Program, publicItem, type Registered} from './plan.ts'
import {itemResult} from './result.ts'
import {noTroubles} from './troubles.ts'

export type HostPlanOptions = {
  readonly host: string
  readonly emit: Emit
  readonly probe: (probes: readonly Probed[]) => Promise<Answers>
  /** Told when an entry's result is there. */
  readonly onResult?: (slot: number, result: Registered) => void
}

/** The plan of one host, and how far it has been carried out. */
export class HostPlan {
  readonly #options: HostPlanOptions
  #program: Program = () => ({items: [], probes: [], tasks: []})
  #items: PlanItem[] = []
  #done = 0
  /** Answers to the probes, and how many items were done when they were given. */
  #answers: Answers = new Map()
  #since = 0
  /** Something was done that can have changed what the answers say. */
  isStale = false
  troubles = noTroubles
  /** What ends the run of this host, once what is always done is done. */
  failure: HostFailure | undefined
  readonly outcomes = new Outcomes()
  /** Positions of items of which it has been told how they ended. */
  readonly #settled = new Set<number>()

  constructor(options: HostPlanOptions) {
    this.#options = options
  }

  get items(): readonly PlanItem[] {
    return this.#items
  }
  /** How many items are done: they are taken in order. */
  get done(): number {
    return this.#done
  }
  get next(): PlanItem | undefined {
    return this.#items[this.#done]
  }
  /** What is known may still be asked of the plan: nothing has been done that could have changed it. */
  get answers(): Answers {
    return this.isStale ? new Map() : this.#answers
  }

  async make(program: Program): Promise<void> {
    this.#program = program
    this.#items = await this.#planRest(this.#answers)
  }

  /** What an entry will come to as planned, or has come to; undefined: only applying can tell. */
  result(slot: number): Registered | undefined {
    return this.outcomes.results.get(slot) ?? this.outcomes.resultOf(slot, this.#items)
  }

  endOf(play: number): number {
    return this.#items.findLastIndex(item => item.play <= play) + 1
  }

  /** What is left before `end`. */
  span(end: number) {
    return {items: this.#items, from: this.#done, end, isStale: this.isStale}
  }

  /** Plans what is left; without answers it is probed again. */
  async revise(answers: Answers = new Map()): Promise<void> {
    const was = this.#items.slice(this.#done)
    if (answers !== this.#answers) this.#since = this.#done
    this.#items = await this.#planRest(answers)
    this.isStale = false
    const items = this.#items.slice(this.#done)
    if (items.length !== was.length || items.some((item, index) => differs(item, was[index])))
      this.#options.emit({
        event: 'plan-revised',
        host: this.#options.host,
        items: items.map(publicItem),
        was: was.map(publicItem),
      })
    const failed = items.find(item => item.verdict === 'failed' && item.origin.blocks.length === 0)
    if (failed && !this.failure)
      throw new HostFailure('failed', failed.reason ?? 'cannot be done', {id: failed.id, next: stays})
  }

  async #planRest(known: Answers): Promise<PlanItem[]> {
    let answers = known
    for (;;) {
      const {items, probes, tasks} = this.#program({
        answers,
        done: this.#items.slice(0, this.#done),
        since: this.#since,
        results: this.outcomes.results,
        troubles: this.troubles,
      })
      if (probes.length === 0 && tasks.length === 0) {
        this.#answers = answers
        return items
      }
      answers = new Map([...answers, ...(await this.#options.probe(probes))])
      for (const task of tasks) await task.plan()
    }
  }

  /** Everything up to `index` is carried out. */
  pass(index: number): void {
    for (; this.#done <= index; this.#done++) {
      const item = this.next
      if (!item || this.#settled.has(this.#done)) continue
      if (item.message !== undefined) this.settle(this.#done, item.verdict)
      else if (isDue(item)) this.settle(this.#done, item.origin.unit?.judge.changesNothing ? 'ok' : this.#judged(item))
    }
    for (const [slot, result] of this.outcomes.keep(this.#items, this.#done)) this.#options.onResult?.(slot, result)
  }

  /** What `changed_when` makes of an item that was carried out. */
  #judged(item: PlanItem): Verdict {
    const judge = item.origin.unit?.judge
    if (!judge?.changed) return 'changed'
    const result = itemResult({...item, verdict: 'changed'}, this.outcomes.outputs.get(this.#done))
    return result && judge.changed(result) ? 'changed' : 'ok'
  }

  /** What an item has come to, for whoever judges it before it is told. */
  mark(index: number, verdict: Verdict, reason?: string): PlanItem | undefined {
    const item = this.#items[index]
    if (!item) return undefined
    const {reason: planned, ...rest} = item
    const told = reason ?? (item.task ? undefined : planned)
    const marked: PlanItem = {...rest, verdict, ...(told !== undefined && {reason: told})}
    this.#items[index] = marked
    return marked
  }

  /** How an item ended: told once. */
  settle(index: number, verdict: Verdict, reason?: string): void {
    const item = this.mark(index, verdict, reason)
    if (!item) return
    this.#settled.add(index)
    this.#options.emit({event: 'item-end', host: this.#options.host, item: publicItem(item)})
  }

  summary({isApplied, failure}: {isApplied: boolean; failure: HostFailure | undefined}): HostSummary {
    const counts = noCounts()
    this.#items.forEach(
      (item, index) => counts[isApplied && index >= this.#done && acts(item) ? 'skipped' : item.verdict]++,
    )
    const status: HostStatus = failure?.status ?? (counts.changed + counts.unknown > 0 ? 'changed' : 'ok')
    return {
      host: this.#options.host,
      status,
      counts,
      unsupported: this.#items
        .filter(({verdict}) => verdict === 'unsupported')
        .map(({id, reason}) => ({id, reason: reason ?? ''})),
      ...(failure && {error: failure.message}),
    }
  }
}

/** What a package brings is predicted by path, not by content; so paths are compared. */
const differs = (item: PlanItem, was: PlanItem | undefined): boolean =>
  item.verdict !== was?.verdict || pathsOf(item) !== pathsOf(was)
const pathsOf = ({changes}: PlanItem): string => changes.map(({path}) => path).join('\n')
