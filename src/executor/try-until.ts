import {setTimeout as sleep} from 'node:timers/promises'
import {HostFailure} from './host-failure.ts'
import type {Judge, Registered} from './plan.ts'

type Try = {readonly result: Registered; readonly failure: HostFailure | undefined}

/** Carries out a task as often as its `until` asks for, and judges what comes of it. */
export const tryUntil = async (options: {
  readonly judge: Judge
  readonly signal: AbortSignal
  readonly attempt: (attempt: number) => Promise<Try>
}): Promise<Try> => {
  const {judge, signal} = options
  for (let attempt = 0; ; attempt++) {
    const tried = judgedTry(await options.attempt(attempt), judge)
    if (!judge.until) return tried
    const result = {...tried.result, attempts: attempt + 1}
    if (judge.until.holds(result)) return {...tried, result}
    if (attempt >= judge.until.retries) {
      const failure = new HostFailure('failed', exhausted(attempt + 1, tried.failure))
      return {result: {...result, failed: true}, failure}
    }
    await sleep(judge.until.delayMs, undefined, {signal}).catch(() => {
      throw new HostFailure('interrupted', 'interrupted')
    })
  }
}

const exhausted = (attempts: number, failure: HostFailure | undefined): string =>
  `'until' did not hold after ${attempts} attempts${failure ? `: ${failure.message}` : ''}`

/** `changed_when` and `failed_when` have the last word. */
const judgedTry = ({result, failure}: Try, judge: Judge): Try => {
  const changed = judge.changed ? {...result, changed: judge.changed(result)} : result
  if (!judge.failed) return {result: changed, failure}
  const failed = judge.failed(changed)
  const judged = {...changed, failed, failed_when_result: failed}
  if (!failed) return {result: judged, failure: undefined}
  return {result: judged, failure: failure ?? new HostFailure('failed', "'failed_when' holds")}
}
