import {acts, type HostStatus, type HostSummary, noCounts, type Verdict} from '../events.ts'
import type {Fact} from '../facts/fact.ts'
import {Unreadable} from '../resources/resource.ts'
import type {HealthCheck} from '../role.ts'
import {TransportError} from '../transport/transport.ts'
import {messageOf} from '../wording.ts'
import {runConfirmed} from './commit-confirm.ts'
import {convergenceOf} from './convergence.ts'
import {HostFailure, transportFailure} from './host-failure.ts'
import {Outcomes} from './outcomes.ts'
import {
  type Answers,
  isAlone,
  isBlind,
  isDue,
  type PlanItem,
  type Probed,
  type Program,
  publicItem,
  type Registered,
  type TaskRun,
} from './plan.ts'
import type {Gathered, RequestOptions, Requests} from './requests.ts'
import {itemResult} from './result.ts'
import {runStage} from './stage.ts'
import {hasFailed, isLeft, nextStage, type Placed, passable} from './stages.ts'
import {afterFailure, noTroubles} from './troubles.ts'
import {tryUntil} from './try-until.ts'

export type HostRunOptions = Omit<RequestOptions, 'connection' | 'lockWaitSeconds'> & {
  readonly host: string
  /** What can be asked of a host of the run, also of another one. */
  readonly requestsOf: (host: string) => Requests
  /** Told when an entry's result is there. */
  readonly onResult?: (slot: number, result: Registered) => void
  /** Resolves when what other hosts have to find out for the entries before a slot is found out. */
  readonly othersBefore?: (slot: number) => Promise<void>
}

/** What a run does with one host: facts, plan, and in apply its plays. Throws HostFailure from every step. */
export class HostRun {
  readonly host: string
  readonly #options: HostRunOptions
  #program: Program = () => ({items: [], probes: [], tasks: []})
  #items: PlanItem[] = []
  #done = 0
  /** Answers to the probes, and how many items were done when they were given. */
  #answers: Answers = new Map()
  #since = 0
  /** Something was done that can have changed what the answers say. */
  #isStale = false
  #troubles = noTroubles
  #failure: HostFailure | undefined
  #stopped: string | undefined
  readonly #outcomes = new Outcomes()
  /** Positions of items of which it has been told how they ended. */
  readonly #settled = new Set<number>()

  constructor(options: HostRunOptions) {
    this.host = options.host
    this.#options = options
  }

  /** One request: the lock (apply only), all facts and the host's part of its pair. */
  gather(facts: readonly Fact<unknown>[], checks: readonly HealthCheck[] = []): Promise<Gathered> {
    return this.#guard(() => this.#requests().gather(facts, checks))
  }

  /** One request: the probes of all resources of all plays; more where results decide what there is to probe. */
  async plan(program: Program): Promise<void> {
    this.#program = program
    await this.#guard(async () => {
      this.#items = await this.#planRest(this.#answers)
    })
  }

  /** Tells the plan. Throws where it is certain to fail. */
  announce(): void {
    this.#options.emit({event: 'planned', host: this.host, items: this.#items.map(publicItem)})
    const failed = this.#items.find(({verdict}) => verdict === 'failed')
    if (failed)
      throw new HostFailure('failed', failed.reason ?? 'cannot be done', {
        id: failed.id,
        ...(this.#options.mode === 'apply' && {next: 'nothing was changed on this host'}),
      })
  }

  /** Nothing more is begun on this host. */
  stop(reason: string): void {
    this.#stopped ??= reason
  }

  /** What an entry will come to as planned, or has come to; undefined: only applying can tell. */
  result(slot: number): Registered | undefined {
    return this.#outcomes.results.get(slot) ?? this.#outcomes.resultOf(slot, this.#items)
  }

  /** Carries out one play: its stages, then the proof that what was changed is now as desired. */
  async applyPlay(play: number): Promise<void> {
    await this.#guard(async () => {
      const from = this.#done
      for (let end = this.#endOf(play); this.#done < end; end = this.#endOf(play)) await this.#advancePlay(end)
      if (this.#failure) throw this.#failure
      await this.#verify(play, from, this.#done)
    })
  }

  /** Something is to be done, or was done: of a play, or of the run. */
  hasWork(play?: number): boolean {
    return this.#items.some(item => (play === undefined || item.play === play) && acts(item))
  }

  summary(failure?: HostFailure): HostSummary {
    const counts = noCounts()
    const applied = this.#options.mode === 'apply'
    this.#items.forEach(
      (item, index) => counts[applied && index >= this.#done && acts(item) ? 'skipped' : item.verdict]++,
    )
    const status: HostStatus = failure?.status ?? (counts.changed + counts.unknown > 0 ? 'changed' : 'ok')
    return {
      host: this.host,
      status,
      counts,
      unsupported: this.#items
        .filter(({verdict}) => verdict === 'unsupported')
        .map(({id, reason}) => ({id, reason: reason ?? ''})),
      ...(failure && {error: failure.message}),
    }
  }

  #requests(on = this.host): Requests {
    return this.#options.requestsOf(on)
  }

  #endOf(play: number): number {
    return this.#items.findLastIndex(item => item.play <= play) + 1
  }

  /** The next thing to do: learn what is not known, or carry out all that can go into one request. */
  async #advancePlay(end: number): Promise<void> {
    this.#stopIfInterrupted()
    if (this.#stopped !== undefined) throw new HostFailure('skipped', this.#stopped)
    const item = this.#items[this.#done]
    if (!item) return
    if (item.origin.isProvisional) return this.#makeSure(item)
    if (this.#isStale && !isBlind(item)) return this.#revise(new Map())
    if (hasFailed(item))
      return this.#fail(this.#done, new HostFailure('failed', item.reason ?? 'failed', {id: item.id}))
    const stage = nextStage(this.#span(end))
    const [first] = stage
    if (first && isAlone(first.item)) return this.#runAlone(first)
    try {
      await this.#runItems(stage)
    } catch (error) {
      if (!(error instanceof HostFailure) || error.status !== 'failed') throw error
      // What is confirmed together was taken back together.
      const at = first?.item.guard ? first : stage.find(each => each.item.id === error.id)
      if (!at) throw error
      return this.#fail(at.index, error)
    }
    this.#isStale ||= stage.some(each => each.item.barrier)
    this.#pass(stage.at(-1)?.index ?? this.#done - 1)
    this.#pass(this.#done + passable(this.#span(end)) - 1)
  }

  #span(end: number) {
    return {items: this.#items, from: this.#done, end, isStale: this.#isStale}
  }

  async #runItems(stage: readonly Placed[], attempt = 0): Promise<void> {
    const [first] = stage
    if (!first) return
    const {emit, runId, signal} = this.#options
    const requests = this.#requests(first.item.origin.on)
    if (first.item.origin.on !== undefined) await requests.lock()
    const carryOut = first.item.guard ? runConfirmed : runStage
    await carryOut(
      stage.filter(({item}) => !item.task),
      {
        host: this.host,
        connection: requests.connection,
        requests,
        become: first.item.become,
        runId,
        emit,
        signal,
        attempt,
        onDone: index => attempt === 0 && !isAlone(first.item) && this.#pass(index),
        onAnswer: (index, answer) => this.#outcomes.outputs.set(index, answer),
      },
    )
    const last = stage.at(-1)
    if (last?.item.task) await this.#runTask(last.index, last.item.task)
  }

  /** Everything up to `index` is carried out: items are taken in order. */
  #pass(index: number): void {
    for (; this.#done <= index; this.#done++) {
      const item = this.#items[this.#done]
      if (!item || this.#settled.has(this.#done)) continue
      if (item.message !== undefined) this.#settle(this.#done, item.verdict)
      else if (isDue(item)) this.#settle(this.#done, item.origin.unit?.judge.changesNothing ? 'ok' : this.#judged(item))
    }
    this.#keepResults()
  }

  /** What `changed_when` makes of an item that was carried out. */
  #judged(item: PlanItem): Verdict {
    const judge = item.origin.unit?.judge
    if (!judge?.changed) return 'changed'
    const result = itemResult({...item, verdict: 'changed'}, this.#outcomes.outputs.get(this.#done))
    return result && judge.changed(result) ? 'changed' : 'ok'
  }

  async #runTask(index: number, task: TaskRun): Promise<void> {
    this.#pass(index - 1)
    this.#stopIfInterrupted()
    const {id} = task
    this.#options.emit({event: 'item-start', host: this.host, id, play: this.#items[index]?.play ?? 0})
    try {
      const {changed, message} = await task.run()
      this.#settle(index, changed ? 'changed' : 'ok', message)
    } catch (error) {
      throw new HostFailure('failed', messageOf(error), {id, next: stays, cause: error})
    }
  }

  /** A task whose result decides what it means: it is tried until it holds, judged, and its failure may be ignored. */
  async #runAlone({index}: Placed): Promise<void> {
    this.#pass(index - 1)
    const item = this.#items[index]
    const unit = item?.origin.unit
    if (!item || !unit) return
    const {judge} = unit
    const {result, failure} = await tryUntil({
      judge,
      signal: this.#options.signal,
      attempt: async attempt => {
        if (attempt > 0 && !isBlind(item)) await this.#revise(new Map())
        const now = this.#items[index] ?? item
        let failed: HostFailure | undefined
        try {
          if (isDue(now)) await this.#runItems([{item: now, index}], attempt)
        } catch (error) {
          if (!(error instanceof HostFailure) || error.status !== 'failed') throw error
          failed = error
        }
        const verdict = failed ? 'failed' : isDue(now) && !judge.changesNothing ? 'changed' : 'ok'
        const after =
          now.task && !failed ? (this.#items[index] ?? now) : {...now, verdict, ...(failed && {reason: failed.message})}
        const result = itemResult(after as PlanItem, this.#outcomes.outputs.get(index)) ?? {
          changed: false,
          failed: false,
        }
        return {result, failure: failed}
      },
    })
    this.#isStale ||= item.barrier
    if (failure) return this.#fail(index, failure, result)
    this.#settle(index, result.changed ? 'changed' : 'ok')
    this.#outcomes.judged.set(index, result)
    this.#pass(index)
  }
  /** A failure at an item: ignored, rescued by a block, or the end of this host's run. */
  async #fail(index: number, failure: HostFailure, judged?: Registered): Promise<void> {
    const item = this.#items[index]
    if (!item) throw failure
    this.#pass(index - 1)
    const {blocks, slot, unit} = item.origin
    const failed = {...item, verdict: 'failed', reason: failure.message} as const
    const result = {
      changed: false,
      msg: failure.message,
      ...(judged ?? itemResult(failed, this.#outcomes.outputs.get(index))),
      failed: true,
    }
    this.#outcomes.judged.set(index, result)
    this.#isStale ||= isDue(item)
    if (unit?.ignoreErrors) {
      this.#settle(index, 'ignored', failure.message)
      return this.#pass(index)
    }
    this.#troubles = afterFailure(this.#troubles, blocks, {task: item.name ?? item.id, result})
    this.#settle(index, this.#troubles.ends ? 'failed' : 'rescued', failure.message)
    this.#pass(index)
    for (let rest = index + 1; this.#items[rest]?.origin.slot === slot; rest++) {
      this.#settle(rest, 'skipped', 'a round before it failed')
      this.#done = rest + 1
    }
    this.#keepResults()
    failure.isFatal ||= item.origin.anyErrorsFatal === true
    if (this.#troubles.ends) this.#failure ??= failure
    if (blocks.length === 0) throw failure
    await this.#revise(new Map())
    const {play} = item
    if (this.#troubles.ends && !this.#items.slice(this.#done, this.#endOf(play)).some(isLeft)) throw failure
  }

  /** What was planned from predicted results is planned anew from the real ones. */
  async #makeSure({id, name, reason, origin: {slot}}: PlanItem): Promise<void> {
    await this.#options.othersBefore?.(slot)
    await this.#revise(this.#isStale ? new Map() : this.#answers)
    if (this.#items[this.#done]?.origin.isProvisional)
      await this.#fail(
        this.#done,
        new HostFailure('failed', reason ?? 'it needs a result that is not there', {id: name ?? id}),
      )
  }

  /** Plans what is left; no answers given: it is probed again. */
  async #revise(answers: Answers): Promise<void> {
    const was = this.#items.slice(this.#done)
    if (answers !== this.#answers) this.#since = this.#done
    this.#items = await this.#planRest(answers)
    this.#isStale = false
    const items = this.#items.slice(this.#done)
    if (items.length !== was.length || items.some((item, index) => differs(item, was[index])))
      this.#options.emit({
        event: 'plan-revised',
        host: this.host,
        items: items.map(publicItem),
        was: was.map(publicItem),
      })
    const failed = items.find(item => item.verdict === 'failed' && item.origin.blocks.length === 0)
    if (failed && !this.#failure)
      throw new HostFailure('failed', failed.reason ?? 'cannot be done', {id: failed.id, next: stays})
  }

  async #planRest(known: Answers): Promise<PlanItem[]> {
    let answers = known
    for (;;) {
      const {items, probes, tasks} = this.#program({
        answers,
        done: this.#items.slice(0, this.#done),
        since: this.#since,
        results: this.#outcomes.results,
        troubles: this.#troubles,
      })
      if (probes.length === 0 && tasks.length === 0) {
        this.#answers = answers
        return items
      }
      answers = new Map([...answers, ...(await this.#probe(probes))])
      for (const task of tasks) await task.plan()
    }
  }

  async #probe(probes: readonly Probed[]): Promise<Answers> {
    const byHost = [...Map.groupBy(probes, ({on}) => on)]
    const answers = await Promise.all(byHost.map(([on, some]) => this.#requests(on).probe(some)))
    return new Map(answers.flatMap(some => [...some]))
  }

  /** Converge or fail: what this play changed is probed again; the same request plans the later plays. */
  async #verify(play: number, from: number, end: number): Promise<void> {
    const ran = this.#items.slice(from, end).some(acts)
    if (!ran) return
    const mine = this.#items
      .map((item, index) => ({item, index}))
      .slice(from, end)
      .filter(({item}) => item.verdict === 'changed' && item.resource && !item.resource.kind.act)
    const later = this.#items.slice(end).flatMap(probed)
    const answers = await this.#probe([...mine.flatMap(({item}) => probed(item)), ...later])
    const converged = mine.filter(({item, index}) => {
      const found = convergenceOf(this.#items.slice(0, this.#done), index, answers)
      if (found.is === 'as desired') return true
      this.#settle(index, found.is, found.reason)
      if (found.is === 'failed') throw new HostFailure('failed', found.reason, {id: item.id, next: found.next})
      return false
    })
    this.#options.emit({event: 'verified', host: this.host, play, ids: converged.map(({item}) => item.id)})
    if (end < this.#items.length)
      await this.#revise(
        new Map(
          later.flatMap(({key}) => {
            const answer = answers.get(key)
            return answer ? [[key, answer] as const] : []
          }),
        ),
      )
  }

  #settle(index: number, verdict: Verdict, reason?: string): void {
    const item = this.#items[index]
    if (!item) return
    const {reason: planned, ...rest} = item
    const told = reason ?? (item.task ? undefined : planned)
    const settled: PlanItem = {...rest, verdict, ...(told !== undefined && {reason: told})}
    this.#items[index] = settled
    this.#settled.add(index)
    this.#options.emit({event: 'item-end', host: this.host, item: publicItem(settled)})
  }

  #keepResults(): void {
    for (const [slot, result] of this.#outcomes.keep(this.#items, this.#done)) this.#options.onResult?.(slot, result)
  }

  #stopIfInterrupted(): void {
    if (this.#options.signal.aborted) throw new HostFailure('interrupted', 'interrupted')
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#stopIfInterrupted()
    try {
      return await work()
    } catch (error) {
      if (error instanceof TransportError) throw transportFailure(error, this.#options.signal)
      if (error instanceof Unreadable) throw new HostFailure('failed', error.message, {cause: error})
      throw error
    }
  }
}

const stays = 'the steps before it are done and stay; mend the cause and run the same command again'

const probed = ({id, resource, become, origin: {on}}: PlanItem): Probed[] =>
  resource ? [{key: id, resource, become, ...(on !== undefined && {on})}] : []

/** What a package brings is predicted by path, not by content; so paths are compared. */
const differs = (item: PlanItem, was: PlanItem | undefined): boolean =>
  item.verdict !== was?.verdict || pathsOf(item) !== pathsOf(was)
const pathsOf = ({changes}: PlanItem): string => changes.map(({path}) => path).join('\n')
