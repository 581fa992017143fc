import type {Emit} from '../events.ts'
import type {Fragment, Outcome} from '../transport/transport.ts'
import {TransportError} from '../transport/transport.ts'
import type {Connection} from './connection.ts'
import {HostFailure} from './host-failure.ts'
import type {PlanItem} from './plan.ts'
import {type Requests, reconnects} from './requests.ts'
import {stepFragment} from './step-script.ts'

type PendingStep = {
  readonly fragment: Fragment
  readonly item: PlanItem
  readonly title: string
  readonly last: boolean
}

export type StageContext = {
  readonly connection: Connection
  readonly become: string | undefined
  readonly runId: string
  readonly emit: Emit
  readonly requests: Requests
  readonly signal: AbortSignal
}

/**
 * Carries out the steps of consecutive items in one request. After a lost connection the journal on the host is asked
 * what was done; only what was never started is sent again. Resolves when every step has succeeded.
 */
export const runStage = async (
  items: readonly {item: PlanItem; index: number}[],
  context: StageContext,
): Promise<void> => {
  const pending = items.flatMap(({item, index}) => stepsOf(item, index, context.runId))
  const started = new Set<string>()
  const begin = (item: PlanItem): void => {
    if (started.has(item.id)) return
    started.add(item.id)
    context.emit({event: 'item-start', host: context.connection.target.host, id: item.id, play: item.play})
  }
  for (let lost = 0; pending.length > 0; lost++) {
    try {
      await sendSteps(pending, begin, context)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      if (context.signal.aborted) throw interrupted(pending)
      if (lost >= reconnects) throw lostFor(error, pending)
      await resume(pending, error, context).catch((again: unknown) => {
        throw again instanceof TransportError ? lostFor(again, pending) : again
      })
    }
  }
}

const stepsOf = (item: PlanItem, index: number, runId: string): PendingStep[] =>
  item.realise.map((step, number) => ({
    fragment: {...stepFragment(step, {runId, stepId: `${index}.${number}`}), step: true},
    item,
    title: step.title,
    last: number === item.realise.length - 1,
  }))

const sendSteps = async (
  pending: PendingStep[],
  begin: (item: PlanItem) => void,
  {connection, become, emit, signal}: StageContext,
): Promise<void> => {
  const byId = new Map(pending.map(step => [step.fragment.id, step]))
  const host = connection.target.host
  const shell = await connection.shell(become)
  let failure: HostFailure | undefined
  await shell.request(
    pending.map(({fragment}) => fragment),
    {
      onStart(id) {
        const step = byId.get(id)
        if (!step) return
        begin(step.item)
        emit({event: 'step-start', host, id: step.item.id, play: step.item.play, step: id, title: step.title})
      },
      onEnd(id, outcome) {
        const step = byId.get(id)
        if (!step || outcome.status === 'skipped') return
        failure ??= settle(step, outcome, pending, {emit, host})
        if (signal.aborted) void connection.close()
      },
    },
  )
  if (failure) throw failure
  if (signal.aborted && pending.length > 0) throw interrupted(pending)
}

const settle = (
  step: PendingStep,
  {code, stdout, stderr}: Extract<Outcome, {status: 'done'}>,
  pending: PendingStep[],
  {emit, host, journalled}: {emit: Emit; host: string; journalled?: boolean},
): HostFailure | undefined => {
  const {item, title, fragment} = step
  const output = [stdout, stderr].filter(Boolean).join('\n').trimEnd()
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
  if (code === 0) return undefined
  const said = output.split('\n').slice(-12).join('\n')
  return new HostFailure('failed', `${title} failed with exit code ${code}${said ? `:\n${said}` : ''}`, {
    id: item.id,
    next: 'the steps before it are done and stay; mend the cause and run the same command again',
  })
}

/** Connects again and settles what the journal knows; `pending` keeps what was never started. */
const resume = async (pending: PendingStep[], error: TransportError, context: StageContext): Promise<void> => {
  const {connection, requests, become, emit} = context
  const host = connection.target.host
  const known = await requests.reconnect(error.message, become)
  // A copy: `settle` takes steps out of `pending`.
  for (const step of pending.slice()) {
    const entry = known.get(step.fragment.id)
    if (!entry) continue
    if (entry.code === undefined)
      throw new HostFailure('failed', `${step.title} was cut off on the host before it ended (did the host restart?)`, {
        id: step.item.id,
        next: 'run the same command again: it probes first and does what is left',
      })
    const outcome = {status: 'done', code: entry.code, stdout: entry.output, stderr: ''} as const
    const failure = settle(step, outcome, pending, {emit, host, journalled: true})
    if (failure) throw failure
  }
}

const lostFor = (error: TransportError, pending: readonly PendingStep[]): HostFailure =>
  new HostFailure('unreachable', `${error.message} (at: ${pending[0]?.title})`, {
    ...(pending[0] && {id: pending[0].item.id}),
    next: 'a step that was running ends on the host by itself; run the same command again',
    cause: error,
  })

const interrupted = (pending: readonly PendingStep[]): HostFailure =>
  new HostFailure('interrupted', `interrupted before: ${pending[0]?.title}`, {
    next: 'run the same command again to finish',
  })
