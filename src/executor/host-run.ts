import {acts, type HostSummary, type PlannedItem} from '../events.ts'
import type {Fact} from '../facts/fact.ts'
import {Unreadable} from '../resources/resource.ts'
import {TransportError} from '../transport/transport.ts'
import {messageOf} from '../wording.ts'
import {runConfirmed} from './commit-confirm.ts'
import {failItem} from './fail-item.ts'
import {type HealthQuestions, noQuestions} from './health.ts'
import {HostFailure, stays, transportFailure} from './host-failure.ts'
import {HostPlan} from './host-plan.ts'
import {
  type Answers,
  isAlone,
  isBlind,
  type PlanItem,
  type Probed,
  type Program,
  publicItem,
  type Registered,
  type TaskRun,
} from './plan.ts'
import type {Gathered, RequestOptions, Requests} from './requests.ts'
import {runAlone} from './run-alone.ts'
import {runStage} from './stage.ts'
import {hasFailed, nextStage, type Placed, passable} from './stages.ts'
import {verifyPlay} from './verify-play.ts'

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
  readonly #plan: HostPlan
  /** When its resources were probed last, by the clock of this machine. */
  plannedMs = 0
  #stopped: string | undefined

  constructor(options: HostRunOptions) {
    this.host = options.host
    this.#options = options
    this.#plan = new HostPlan({...options, probe: probes => this.#probe(probes)})
  }

  /** One request: the lock (apply only), all facts and the host's part of its pair. */
  gather(facts: readonly Fact<unknown>[], questions: HealthQuestions = noQuestions): Promise<Gathered> {
    return this.#guard(() => this.#requests().gather(facts, questions))
  }

  /** One request: the probes of all resources of all plays; more where results decide what there is to probe. */
  async plan(program: Program): Promise<void> {
    await this.#guard(() => this.#plan.make(program))
    this.plannedMs = Date.now()
  }

  /** What the plan says of each item, and the command that tells it. */
  seen(): readonly (PlannedItem & {readonly probe?: string})[] {
    return this.#plan.items.map(item => ({
      ...publicItem(item),
      ...(item.resource && {probe: item.resource.kind.probe(item.resource.desired).command.text}),
    }))
  }

  /** Tells the plan. Throws where it is certain to fail. */
  announce(): void {
    const {items} = this.#plan
    this.#options.emit({event: 'planned', host: this.host, items: items.map(publicItem)})
    const failed = items.find(({verdict}) => verdict === 'failed')
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
    return this.#plan.result(slot)
  }

  /** Carries out one play: its stages, then the proof that what was changed is now as desired. */
  async applyPlay(play: number): Promise<void> {
    await this.#guard(async () => {
      const plan = this.#plan
      const from = plan.done
      for (let end = plan.endOf(play); plan.done < end; end = plan.endOf(play)) await this.#advance(end)
      if (plan.failure) throw plan.failure
      await verifyPlay(plan, {play, from}, {...this.#options, probe: probes => this.#probe(probes)})
    })
  }

  /** Something is to be done, or was done: of a play, or of the run. */
  hasWork(play?: number): boolean {
    return this.#plan.items.some(item => (play === undefined || item.play === play) && acts(item))
  }

  summary(failure?: HostFailure): HostSummary {
    return this.#plan.summary({isApplied: this.#options.mode === 'apply', failure})
  }

  #requests(on = this.host): Requests {
    return this.#options.requestsOf(on)
  }

  /** The next thing to do: learn what is not known, or carry out all that can go into one request. */
  async #advance(end: number): Promise<void> {
    const plan = this.#plan
    this.#stopIfInterrupted()
    if (this.#stopped !== undefined) throw new HostFailure('skipped', this.#stopped)
    const item = plan.next
    if (!item) return
    if (item.origin.isProvisional) return this.#makeSure(item)
    if (plan.isStale && !isBlind(item)) return plan.revise()
    if (hasFailed(item))
      return failItem(plan, plan.done, new HostFailure('failed', item.reason ?? 'failed', {id: item.id}))
    const stage = nextStage(plan.span(end))
    const [first] = stage
    if (first && isAlone(first.item)) {
      const {signal} = this.#options
      return runAlone(plan, first.index, {signal, carryOut: (some, attempt) => this.#runItems(some, attempt)})
    }
    try {
      await this.#runItems(stage)
    } catch (error) {
      if (!(error instanceof HostFailure) || error.status !== 'failed') throw error
      // What is confirmed together was taken back together.
      const at = first?.item.guard ? first : stage.find(each => each.item.id === error.id)
      if (!at) throw error
      return failItem(plan, at.index, error)
    }
    plan.isStale ||= stage.some(each => each.item.barrier)
    plan.pass(stage.at(-1)?.index ?? plan.done - 1)
    plan.pass(plan.done + passable(plan.span(end)) - 1)
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
        onDone: index => attempt === 0 && !isAlone(first.item) && this.#plan.pass(index),
        onAnswer: (index, answer) => this.#plan.outcomes.outputs.set(index, answer),
      },
    )
    const last = stage.at(-1)
    if (last?.item.task) await this.#runTask(last, last.item.task)
  }

  async #runTask({item, index}: Placed, task: TaskRun): Promise<void> {
    const plan = this.#plan
    plan.pass(index - 1)
    this.#stopIfInterrupted()
    const {id} = task
    this.#options.emit({event: 'item-start', host: this.host, id, play: item.play})
    try {
      const {changed, message} = await task.run()
      const verdict = changed ? 'changed' : 'ok'
      if (isAlone(item)) plan.mark(index, verdict, message)
      else plan.settle(index, verdict, message)
    } catch (error) {
      throw new HostFailure('failed', messageOf(error), {id, next: stays, cause: error})
    }
  }

  /** What was planned from predicted results is planned anew from the real ones. */
  async #makeSure({id, name, reason, origin: {slot}}: PlanItem): Promise<void> {
    const plan = this.#plan
    await this.#options.othersBefore?.(slot)
    await plan.revise(plan.answers)
    if (plan.next?.origin.isProvisional)
      await failItem(
        plan,
        plan.done,
        new HostFailure('failed', reason ?? 'it needs a result that is not there', {id: name ?? id}),
      )
  }

  async #probe(probes: readonly Probed[]): Promise<Answers> {
    const byHost = [...Map.groupBy(probes, ({on}) => on)]
    const answers = await Promise.all(byHost.map(([on, some]) => this.#requests(on).probe(some)))
    return new Map(answers.flatMap(some => [...some]))
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
