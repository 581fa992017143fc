import type {Emit} from '../events.ts'
import type {Answer} from '../resources/resource.ts'
import type {Fragment, Outcome} from '../transport/transport.ts'
import {TransportError} from '../transport/transport.ts'
import type {Connection} from './connection.ts'
import {followStep} from './follow.ts'
import {HostFailure, stays} from './host-failure.ts'
import type {PlanItem} from './plan.ts'
import {type Requests, reconnects} from './requests.ts'
import {type Condition, stepFragment} from './step-script.ts'

type PendingStep = {
  readonly fragment: Fragment
  readonly item: PlanItem
  readonly index: number
  readonly title: string
  readonly last: boolean
  /** A command, whose output grows while it runs. */
  readonly isRun: boolean
}

export type StageContext = {
  /** Whose plan it is; the connection may be another host's. */
  readonly host: string
  readonly connection: Connection
  readonly become: string | undefined
  readonly runId: string
  readonly emit: Emit
  readonly requests: Requests
  readonly signal: AbortSignal
  /** The last step of the item at this index has succeeded. */
  readonly onDone: (index: number) => void
  /** What a step has said, in the order of the steps. */
  readonly onAnswer: (index: number, answer: Answer) => void
  /** How often the items were tried before. */
  readonly attempt?: number
  /** Tells these steps apart from others of the same items. */
  readonly part?: string
  /** Shell text that has to hold when a step begins, and why it is not begun otherwise. */
  readonly only?: Condition
}

/** `pending`: what has not ended yet. `begun`: items and steps whose begin has been told. */
type Progress = StageContext & {
  readonly pending: PendingStep[]
  readonly begun: Set<unknown>
  /** Ends the following of the step that runs. */
  following?: {stop(): void} | undefined
}

/**
 * Carries out the steps of consecutive items in one request. After a lost connection the journal on the host is asked
 * what was done; only what was never started is sent again. Resolves when every step has succeeded.
 */
export const runStage = async (
  items: readonly {item: PlanItem; index: number}[],
  context: StageContext,
): Promise<void> => {
  const pending = items.flatMap(({item, index}) => stepsOf(item, index, context))
  const progress: Progress = {...context, pending, begun: new Set()}
  using _ = {[Symbol.dispose]: () => progress.following?.stop()}
  let lost: TransportError | undefined
  for (let losses = 0; pending.length > 0; losses++) {
    let isAway = lost !== undefined
    try {
      if (lost) await resume(lost, progress)
      isAway = false
      await sendSteps(progress)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      if (context.signal.aborted) throw interrupted(pending)
      const isGone = isAway && error.fault !== 'connection-lost'
      if (isGone || losses >= reconnects) throw lostFor(error, pending)
      lost = error
    }
  }
}

/** Step ids are unique in the journal of their run on the host where they are done. */
const stepsOf = (
  item: PlanItem,
  index: number,
  {host, connection, runId, attempt = 0, part, only}: StageContext,
): PendingStep[] =>
  item.realise.map((step, number) => ({
    fragment: {
      ...stepFragment(step, {
        runId,
        stepId: [
          ...(host === connection.target.host ? [] : [host]),
          index,
          number,
          ...(attempt > 0 ? [attempt] : []),
          ...(part === undefined ? [] : [part]),
        ].join('.'),
        ...(only && {only}),
      }),
      title: step.title,
    },
    item,
    index,
    title: step.title,
    last: number === item.realise.length - 1,
    isRun: step.do === 'run',
  }))

const sendSteps = async (progress: Progress): Promise<void> => {
  const {pending, connection, become, signal} = progress
  const byId = new Map(pending.map(step => [step.fragment.id, step]))
  const shell = await connection.shell(become)
  let failure: HostFailure | undefined
  const sent = shell.request(
    pending.map(({fragment}) => fragment),
    {
      onStart(id) {
        const step = byId.get(id)
        if (step) begin(step, progress)
        if (step && connection.isLive) follow(step, progress)
      },
      onEnd(id, outcome) {
        progress.following?.stop()
        const step = byId.get(id)
        if (!step || outcome.status === 'skipped') return
        failure ??= settle(step, outcome, progress)
        if (signal.aborted && !failure && pending.length > 0) void connection.close()
      },
    },
  )
  // A step that has failed stays the reason, whatever becomes of the connection after it.
  await sent.catch((error: unknown) => {
    throw failure ?? error
  })
  if (failure) throw failure
}

/** Once for each step: one that was lost before it began is sent again. */
const begin = (step: PendingStep, {begun, emit, host}: Progress): void => {
  const {item, title, fragment} = step
  const where = {host, id: item.id, play: item.play}
  if (!begun.has(item)) emit({event: 'item-start', ...where})
  if (!begun.has(fragment.id)) emit({event: 'step-start', ...where, step: fragment.id, title})
  begun.add(item).add(fragment.id)
}

const follow = ({item, fragment, isRun}: PendingStep, progress: Progress): void => {
  progress.following?.stop()
  const {id, play, noLog} = item
  progress.following = isRun && !noLog ? followStep({id, play, step: fragment.id}, progress) : undefined
}

const settle = (
  step: PendingStep,
  {code, stdout, stderr}: Extract<Outcome, {status: 'done'}>,
  progress: Progress,
  journalled = false,
): HostFailure | undefined => {
  const {item, title, fragment} = step
  const {pending, host, emit, onDone, onAnswer} = progress
  const output = [stdout, stderr].filter(Boolean).join('\n').trimEnd()
  begin(step, progress)
  pending.splice(pending.indexOf(step), 1)
  emit({
    event: 'step-end',
    host,
    id: item.id,
    play: item.play,
    step: fragment.id,
    title,
    code,
    output,
    ...(journalled && {journalled}),
  })
  onAnswer(step.index, {code, stdout, stderr})
  if (code === 0) {
    if (step.last) onDone(step.index)
    return undefined
  }
  const said = output.split('\n').slice(-12).join('\n')
  return new HostFailure('failed', `${title} failed with exit code ${code}${said ? `:\n${said}` : ''}`, {
    id: item.id,
    next: stays,
  })
}

/** Connects again and settles what the journal knows; `pending` keeps what was never started. */
const resume = async (error: TransportError, progress: Progress): Promise<void> => {
  const {pending, requests, become} = progress
  const known = await requests.reconnect(error.message, become)
  // A copy: `settle` takes steps out of `pending`.
  for (const step of pending.slice()) {
    const entry = known.get(step.fragment.id)
    if (!entry) continue
    if (entry.code === undefined) {
      begin(step, progress)
      throw new HostFailure('failed', `${step.title} was cut off on the host before it ended (did the host restart?)`, {
        id: step.item.id,
        next: 'run the same command again: it probes first and does what is left',
      })
    }
    const outcome = {status: 'done', code: entry.code, stdout: entry.output, stderr: entry.errors} as const
    const failure = settle(step, outcome, progress, true)
    if (failure) throw failure
  }
}

/** With the step at which it was, where the transport could not say it. */
const placed = (message: string, at: PendingStep | undefined): string =>
  at && !message.includes(at.title) ? `${message} (at: ${at.title})` : message

const lostFor = (error: TransportError, [at]: readonly PendingStep[]): HostFailure =>
  new HostFailure('unreachable', placed(error.message, at), {
    ...(at && {id: at.item.id}),
    next: 'a step that was running ends on the host by itself; run the same command again',
    cause: error,
  })

const interrupted = (pending: readonly PendingStep[]): HostFailure =>
  new HostFailure('interrupted', `interrupted before: ${pending[0]?.title}`, {
    next: 'run the same command again to finish',
  })
