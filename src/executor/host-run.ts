import type {HostStatus, HostSummary, Verdict} from '../events.ts'
import type {Fact} from '../facts/fact.ts'
import {type Change, type Resource, readCurrent, Unreadable, Unsupported} from '../resources/resource.ts'
import {TransportError} from '../transport/transport.ts'
import {HostFailure} from './host-failure.ts'
import {type Answers, acts, type PlanItem, type Probed, publicItem} from './plan.ts'
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
  #probed: readonly Probed[] = []

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
    this.#probed = resources
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
    const counts: Record<Verdict, number> = {ok: 0, changed: 0, failed: 0, skipped: 0, unknown: 0, unsupported: 0}
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
    try {
      await runStage(ofSteps, {connection, requests, become: level, runId, emit, signal})
    } catch (error) {
      if (error instanceof HostFailure && error.id) this.#settle(error.id, 'failed', error.message)
      throw error
    }
    for (const {item} of ofSteps) this.#settle(item.id, 'changed')
    const task = stage.at(-1)?.item.task
    if (task) await this.#runTask(task.id)
    this.#done = until
    if (stage.at(-1)?.item.barrier && until < this.#items.length) await this.#reviseRest()
  }

  async #runTask(id: string): Promise<void> {
    const item = this.#items.find(each => each.id === id && each.task)
    if (!item?.task) return
    this.#options.emit({event: 'item-start', host: this.host, id, play: item.play})
    try {
      const {changed, message} = await item.task.run()
      this.#settle(id, changed ? 'changed' : 'ok', message)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#settle(id, 'failed', message)
      throw new HostFailure('failed', message, {id, cause: error})
    }
  }

  /** Barrier: what follows is probed again, and the plan is revised where the host differs from what was predicted. */
  async #reviseRest(): Promise<void> {
    const done = this.#items.slice(0, this.#done)
    const rest = this.#items.slice(this.#done).flatMap(probed)
    const revised = this.#replan(await this.#requests.probe(rest), done)
    const was = this.#items
    this.#items = revised
    if (revised.some((item, index) => index >= this.#done && differs(item, was[index])))
      this.#options.emit({
        event: 'plan-revised',
        host: this.host,
        items: revised.slice(this.#done).map(publicItem),
        was: was.slice(this.#done).map(publicItem),
      })
    const failed = revised.find((item, index) => index >= this.#done && item.verdict === 'failed')
    if (failed)
      throw new HostFailure('failed', failed.reason ?? 'cannot be done', {
        id: failed.id,
        next: 'the steps before it are done and stay; mend the cause and run the same command again',
      })
  }

  /** Converge or fail: what this play changed is probed again; the same request plans the later plays. */
  async #verify(play: number, from: number, end: number): Promise<void> {
    const changed = this.#items.slice(from, end).filter(item => item.verdict === 'changed' && item.resource)
    const ran = this.#items.slice(from, end).some(item => item.verdict === 'changed' || item.verdict === 'unknown')
    if (!ran) return
    const mine = new Map(changed.map(item => [item.id, item]))
    const later = this.#probed.filter(({resource}) =>
      this.#items.some((item, index) => index >= end && item.id === resource.id),
    )
    const answers = await this.#requests.probe([...[...mine.values()].flatMap(probed), ...later])
    for (const item of mine.values()) this.#expectConverged(item, answers)
    if (later.length > 0) this.#items = this.#replan(answers, this.#items.slice(0, end))
    this.#options.emit({event: 'verified', host: this.host, play, ids: [...mine.keys()]})
  }

  #expectConverged({id, resource}: PlanItem, answers: Answers): void {
    const left = resource ? remaining(resource, answers) : []
    if (typeof left === 'string') {
      this.#settle(id, 'unsupported', left)
      return
    }
    if (left.length === 0) return
    const message = `did not converge: after apply still ${left.map(changeText).join('; ')}`
    this.#settle(id, 'failed', message)
    throw new HostFailure('failed', message, {
      id,
      next: 'something on the host undoes it: look at its journal and unit state',
    })
  }

  #settle(id: string, verdict: Verdict, reason?: string): void {
    const index = this.#items.findIndex(item => item.id === id)
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
      if (!(error instanceof TransportError)) throw error
      if (this.#options.signal.aborted) throw new HostFailure('interrupted', 'interrupted', {cause: error})
      const status = error.fault === 'become-refused' || error.fault === 'shell-died' ? 'failed' : 'unreachable'
      throw new HostFailure(status, error.message, {cause: error})
    }
  }
}

const probed = ({resource, become}: PlanItem): Probed[] => (resource ? [{resource, become}] : [])

/** What a package brings is predicted by path, not by content; so paths are compared. */
const differs = (item: PlanItem, was: PlanItem | undefined): boolean =>
  item.verdict !== was?.verdict || pathsOf(item) !== pathsOf(was)
const pathsOf = ({changes}: PlanItem): string => changes.map(({path}) => path).join('\n')

/** What still differs after apply, or why this host cannot do it. */
const remaining = (resource: Resource, answers: Answers): readonly Change[] | string => {
  const current = readCurrent(resource, answers.get(resource.id))
  if (current instanceof Unsupported) return current.reason
  if (current instanceof Unreadable) throw new HostFailure('failed', current.message, {id: resource.id})
  const found = resource.kind.diff(resource.desired, current)
  return found === 'unknown' ? [] : found
}

const changeText = ({path, from, to}: Change): string => `${path} is ${JSON.stringify(from)}, not ${JSON.stringify(to)}`
