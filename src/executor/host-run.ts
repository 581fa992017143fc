import {acts, type HostStatus, type HostSummary, noCounts, type Verdict} from '../events.ts'
import type {Fact} from '../facts/fact.ts'
import {type Change, readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import {TransportError} from '../transport/transport.ts'
import {messageOf} from '../wording.ts'
import {HostFailure, transportFailure} from './host-failure.ts'
import {type Answers, type PlanItem, type Probed, publicItem, type TaskRun} from './plan.ts'
import {type RequestOptions, Requests} from './requests.ts'
import {runStage} from './stage.ts'

/** Makes a plan of answers, `done` being what has been carried out: the planner, as a value. */
export type Replan = (answers: Answers, done: readonly PlanItem[]) => PlanItem[]

/** What a run does with one host: facts, plan, and in apply its plays. Throws HostFailure from every step. */
export class HostRun {
  readonly host: string
  readonly #options: RequestOptions
  readonly #requests: Requests
  #items: PlanItem[] = []
  #done = 0
  #replan: Replan = () => []

  constructor(options: RequestOptions) {
    this.host = options.connection.target.host
    this.#options = options
    this.#requests = new Requests(options)
  }

  /** One request: the lock (apply only) and all facts. */
  gather(facts: readonly Fact<unknown>[]): Promise<Record<string, unknown>> {
    return this.#guard(() => this.#requests.gather(facts))
  }

  /** One request: the probes of all resources of all plays. */
  async plan(resources: readonly Probed[], replan: Replan): Promise<void> {
    this.#replan = replan
    await this.#guard(async () => {
      this.#items = replan(await this.#requests.probe(resources), [])
      this.#options.emit({event: 'planned', host: this.host, items: this.#items.map(publicItem)})
      const failed = this.#items.find(({verdict}) => verdict === 'failed')
      if (failed)
        throw new HostFailure('failed', failed.reason ?? 'cannot be done', {
          id: failed.id,
          ...(this.#options.mode === 'apply' && {next: 'nothing was changed on this host'}),
        })
    })
  }

  /** Carries out one play: its stages, then the proof that what was changed is now as desired. */
  async applyPlay(play: number): Promise<void> {
    await this.#guard(async () => {
      const end = this.#items.findLastIndex(item => item.play <= play) + 1
      const from = this.#done
      while (this.#done < end) await this.#applyStage(end)
      await this.#verify(play, from, end)
    })
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

  async #applyStage(end: number): Promise<void> {
    this.#stopIfInterrupted()
    const rest = this.#items
      .slice(0, end)
      .map((item, index) => ({item, index}))
      .slice(this.#done)
    const acting = rest.filter(({item}) => acts(item))
    const level = acting[0]?.item.become
    const last = acting.find(({item}) => item.barrier) ?? acting.at(-1)
    const foreign = acting.find(({item}) => item.become !== level)
    const until =
      foreign && last && foreign.index <= last.index ? foreign.index : last?.item.barrier ? last.index + 1 : end
    const stage = acting.filter(({index}) => index < until)
    const {emit, connection, runId, signal} = this.#options
    const requests = this.#requests
    const ofSteps = stage.filter(({item}) => !item.task)
    const onDone = (index: number): void => this.#advance(index)
    try {
      await runStage(ofSteps, {connection, requests, become: level, runId, emit, signal, onDone})
    } catch (error) {
      const at = error instanceof HostFailure ? ofSteps.find(({item}) => item.id === error.id) : undefined
      if (at && error instanceof HostFailure) this.#settle(at.index, 'failed', error.message)
      throw error
    }
    const final = stage.at(-1)
    if (final?.item.task) await this.#runTask(final.index, final.item.task)
    this.#advance(until - 1)
    if (final?.item.barrier && until < this.#items.length) await this.#reviseRest()
  }

  /** Everything up to `index` is carried out: items are taken in order. Tasks settle themselves. */
  #advance(index: number): void {
    for (; this.#done <= index; this.#done++) {
      const item = this.#items[this.#done]
      if (item && acts(item) && !item.task) this.#settle(this.#done, 'changed')
    }
  }

  async #runTask(index: number, task: TaskRun): Promise<void> {
    this.#advance(index - 1)
    this.#stopIfInterrupted()
    const {id} = task
    this.#options.emit({event: 'item-start', host: this.host, id, play: this.#items[index]?.play ?? 0})
    try {
      const {changed, message} = await task.run()
      this.#settle(index, changed ? 'changed' : 'ok', message)
    } catch (error) {
      const message = messageOf(error)
      this.#settle(index, 'failed', message)
      throw new HostFailure('failed', message, {id, next: stays, cause: error})
    }
  }

  /** Barrier: what follows is probed again, and the plan is revised where the host differs from what was predicted. */
  async #reviseRest(): Promise<void> {
    const rest = this.#items.slice(this.#done).flatMap(probed)
    this.#revise(await this.#requests.probe(rest))
  }

  #revise(answers: Answers): void {
    const was = this.#items.slice(this.#done)
    this.#items = this.#replan(answers, this.#items.slice(0, this.#done))
    const items = this.#items.slice(this.#done)
    if (items.some((item, index) => differs(item, was[index])))
      this.#options.emit({
        event: 'plan-revised',
        host: this.host,
        items: items.map(publicItem),
        was: was.map(publicItem),
      })
    const failed = items.find(({verdict}) => verdict === 'failed')
    if (failed) throw new HostFailure('failed', failed.reason ?? 'cannot be done', {id: failed.id, next: stays})
  }

  /** Converge or fail: what this play changed is probed again; the same request plans the later plays. */
  async #verify(play: number, from: number, end: number): Promise<void> {
    const ran = this.#items.slice(from, end).some(acts)
    if (!ran) return
    const mine = this.#items
      .map((item, index) => ({item, index}))
      .slice(from, end)
      .filter(({item}) => item.verdict === 'changed' && item.resource)
    const later = this.#items.slice(end).flatMap(probed)
    const answers = await this.#requests.probe([...mine.flatMap(({item}) => probed(item)), ...later])
    const converged = mine.filter(({item, index}) => this.#expectConverged(item, index, answers))
    this.#options.emit({event: 'verified', host: this.host, play, ids: converged.map(({item}) => item.id)})
    if (later.length > 0) this.#revise(answers)
  }

  /** False: this host cannot have it, which only applying could tell. */
  #expectConverged({resource, id}: PlanItem, index: number, answers: Answers): boolean {
    if (!resource) return true
    const current = readCurrent(resource, answers.get(resource.id))
    if (current instanceof Unsupported) {
      this.#settle(index, 'unsupported', current.reason)
      return false
    }
    const isUnreadable = current instanceof Unreadable
    const left: readonly Change[] | 'unknown' = isUnreadable ? [] : resource.kind.diff(resource.desired, current)
    if (!isUnreadable && (left === 'unknown' || left.length === 0)) return true
    const message = isUnreadable
      ? `after apply it cannot be told whether it is as desired: ${current.message}`
      : `did not converge: after apply still ${(left as readonly Change[]).map(changeText).join('; ')}`
    const next = isUnreadable
      ? 'mend the cause and run the same command again'
      : 'something on the host undoes it: look at its journal and unit state'
    this.#settle(index, 'failed', message)
    throw new HostFailure('failed', message, {id, next})
  }

  #settle(index: number, verdict: Verdict, reason?: string): void {
    const item = this.#items[index]
    if (!item) return
    const {reason: planned, ...rest} = item
    const told = reason ?? (item.task ? undefined : planned)
    const settled: PlanItem = {...rest, verdict, ...(told !== undefined && {reason: told})}
    this.#items[index] = settled
    this.#options.emit({event: 'item-end', host: this.host, item: publicItem(settled)})
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

const probed = ({resource, become}: PlanItem): Probed[] => (resource ? [{resource, become}] : [])

/** What a package brings is predicted by path, not by content; so paths are compared. */
const differs = (item: PlanItem, was: PlanItem | undefined): boolean =>
  item.verdict !== was?.verdict || pathsOf(item) !== pathsOf(was)
const pathsOf = ({changes}: PlanItem): string => changes.map(({path}) => path).join('\n')

const changeText = ({path, from, to}: Change): string => `${path} is ${JSON.stringify(from)}, not ${JSON.stringify(to)}`
