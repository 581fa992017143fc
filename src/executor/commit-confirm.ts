import {setTimeout as sleep} from 'node:timers/promises'
import {TransportError} from '../transport/transport.ts'
import {HostFailure} from './host-failure.ts'
import type {PlanItem} from './plan.ts'
import {
  appliesOf,
  armStep,
  cancelFragment,
  confirmFragment,
  type Ended,
  isArmed,
  parseEnded,
  type Rollback,
} from './rollback.ts'
import {runStage, type StageContext} from './stage.ts'
import type {Placed} from './stages.ts'

const defaultSeconds = 60
/** So long after its rollback a host may take to answer again: it may be booting. */
const patienceMs = 180_000

/** A stage that is under its rollback. */
type Armed = {
  readonly context: StageContext
  readonly rollback: Rollback
  readonly ids: readonly string[]
  readonly passedMs: () => number
}

/**
 * Carries out steps that can cut the way to the host: the host is armed to take them back by itself, and only a new login,
 * opened like the first and including become, disarms it. Resolves when the change is confirmed.
 */
export const runConfirmed = async (stage: readonly Placed[], stageContext: StageContext): Promise<void> => {
  // It is brought to its end, also when the run is interrupted.
  const context = {...stageContext, signal: new AbortController().signal, onDone: () => undefined}
  const armed = await arm(stage, context)
  const {rollback, passedMs, ids} = armed
  let failure: HostFailure | undefined
  try {
    await withinHalf(armed, () =>
      runStage(withApplies(stage), {
        ...context,
        only: {holds: isArmed(rollback.runId), otherwise: 'the rollback is not armed any more'},
      }),
    )
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error
    failure = error
  }
  const {ended, refusal} = await settle(armed, failure)
  const {emit, host} = context
  if (ended?.is === 'confirmed' && !failure) {
    emit({event: 'commit-confirm', host, state: 'confirmed', ids, seconds: Math.round(passedMs() / 100) / 10})
    return
  }
  if (!ended) throw lost(armed, refusal)
  emit({event: 'commit-confirm', host, state: 'rolled back', ids, seconds: Math.round(passedMs() / 100) / 10})
  throw failure?.status === 'failed' && (ended.by ?? 'now') === 'now'
    ? putBack(failure, ended)
    : rolledBack(armed, ended, failure?.message ?? refusal)
}

const arm = async (stage: readonly Placed[], context: StageContext): Promise<Armed> => {
  const [first] = stage
  if (!first) throw new Error('a stage without items')
  const {runId, connection, emit, host} = context
  const guarded = stage.flatMap(({item: {id, guard}}) => (guard ? [{id, guard}] : []))
  const rollback = {runId, seconds: connection.target.confirmSeconds ?? defaultSeconds, guarded}
  const ids = guarded.map(({id}) => id)
  const begin = performance.now()
  const item = {...first.item, realise: [armStep(rollback)]}
  await runStage([{item, index: first.index}], {...context, part: 'arm', onAnswer: () => undefined})
  emit({event: 'commit-confirm', host, state: 'armed', ids, seconds: rollback.seconds})
  return {context, rollback, ids, passedMs: () => performance.now() - begin}
}

/** What makes daemons read the files comes once, with the last of the items that ask for it. */
const withApplies = (stage: readonly Placed[]): readonly Placed[] => {
  const guarded = stage.flatMap(({item: {id, guard}}) => (guard ? [{id, guard}] : []))
  const last = new Map<string, PlanItem>()
  for (const {item} of stage) if (item.guard?.apply) last.set(item.guard.apply.text, item)
  return stage.map(({item, index}) => ({
    index,
    item: {
      ...item,
      realise: [
        ...item.realise,
        ...appliesOf(guarded)
          .filter(({text}) => last.get(text) === item)
          .map(command => ({do: 'run' as const, title: command.text.trim(), command})),
      ],
    },
  }))
}

/** The change may have cut this very connection without a word: after half of the time another one is made. */
const withinHalf = async ({context, rollback}: Armed, work: () => Promise<void>): Promise<void> => {
  const timer = setTimeout(() => void context.connection.close(), rollback.seconds * 500)
  try {
    await work()
  } finally {
    clearTimeout(timer)
  }
}

type Settled = {readonly ended?: Ended; readonly refusal: string}

/**
 * Logs in anew until the host tells what has become of the change: confirmed by that, or after a failure taken back by it,
 * or by the host itself because no login succeeded in time.
 */
const settle = async ({context, rollback, passedMs}: Armed, failure: HostFailure | undefined): Promise<Settled> => {
  const {connection, become} = context
  const {runId, seconds} = rollback
  const fragment = failure ? cancelFragment(runId) : confirmFragment(runId)
  let refusal = ''
  // After a step that failed for its own reasons the present connection is as good as any.
  let own = failure?.status === 'failed'
  for (;;) {
    try {
      const session = await (own ? connection.session() : connection.login())
      try {
        const [outcome] = await session.shell(become === undefined ? {} : {become}).request([fragment])
        if (outcome?.status === 'done') return {ended: parseEnded(outcome.stdout), refusal}
      } finally {
        if (!own) await session.close()
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      if (passedMs() < seconds * 1000 || refusal === '') refusal = error.message
      if (passedMs() > seconds * 1000 + patienceMs) return {refusal}
      if (!own) await sleep(pauseMs(error, seconds * 1000, passedMs()))
      own = false
    }
  }
}

/** Refused logins are few, lest something on the host bans us for them. */
const pauseMs = ({fault}: TransportError, limitMs: number, passedMs: number): number => {
  if (fault !== 'login-refused' && fault !== 'become-refused' && fault !== 'host-key') return 1000
  if (passedMs > limitMs) return 5000
  return Math.max(1000, Math.min(limitMs / 2, limitMs + 1500 - passedMs))
}

const listed = (ids: readonly string[]): string => ids.join(', ')

const troubles = ({problems}: Ended): string =>
  problems.length === 0 ? '' : `\nnot everything came back: ${problems.join('; ')}`

const causes = {
  timer: 'when its time was up',
  boot: 'when it was started again',
  now: 'before its time was up',
} as const

const rolledBack = ({ids, rollback}: Armed, ended: Ended, cause: string): HostFailure => {
  const by = ended.by === undefined ? '' : ` ${causes[ended.by]}`
  return new HostFailure(
    'rolled back',
    `after ${listed(ids)} was changed no new login confirmed it${cause && `: ${cause}`}\n` +
      `the host has put the former state back by itself${by} (armed for ${rollback.seconds} s)${troubles(ended)}`,
    {
      ...(ids[0] !== undefined && {id: ids[0]}),
      next: 'correct what shuts you out, and run the same command again; if the change is right and the login slow, set gatewright_confirm_seconds higher',
    },
  )
}

/** A step that failed by itself: what was done before it in the same stage is taken back too. */
const putBack = ({message, id}: HostFailure, ended: Ended): HostFailure =>
  new HostFailure('failed', message, {
    ...(id !== undefined && {id}),
    next: `the former state of ${ended.is === 'rolled back' ? 'all that is confirmed together with it is back' : 'it is as it was'}; mend the cause and run the same command again${troubles(ended)}`,
  })

const lost = ({ids, rollback}: Armed, cause: string): HostFailure =>
  new HostFailure('unreachable', `after ${listed(ids)} was changed the host does not answer any more: ${cause}`, {
    ...(ids[0] !== undefined && {id: ids[0]}),
    next: `it puts the former state back by itself ${rollback.seconds} s after the change, or when it is started; the next run says so`,
  })
