import {InvalidInput} from '../diagnostic.ts'
import {HostFailure, transportFailure} from '../executor/host-failure.ts'
import {TransportError} from '../transport/transport.ts'
import {stackOf} from '../wording.ts'
import type {Play} from './model.ts'
import type {RunContext} from './run-context.ts'

/** Keeps one host's failure from the others. */
export const attempt = async (
  host: string,
  context: RunContext,
  work: () => Promise<void> | undefined,
  play?: Play,
): Promise<void> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof HostFailure) fail(host, context, error, play)
    else if (error instanceof TransportError) fail(host, context, transportFailure(error, context.signal), play)
    else if (error instanceof InvalidInput) {
      for (const diagnostic of error.diagnostics) context.emit({event: 'diagnostic', diagnostic})
      fail(
        host,
        context,
        new HostFailure('refused', 'its variables or tasks do not fit what was found on it', {cause: error}),
      )
    } else fail(host, context, new HostFailure('failed', defectText(error), {cause: error}), play)
  }
}

/** The host is lost for this run; `play`: it had begun. */
export const fail = (host: string, context: RunContext, failure: HostFailure, play?: Play): void => {
  const {states, hosts, emit, fleet, plans, gathering} = context
  const state = states.get(host)
  if (!state) return
  failure.began = play !== undefined
  state.failure = failure
  gathering.end(host, failure.message)
  for (const each of fleet.plays) plans.ended(host, each)
  void hosts.close(host)
  emit({
    event: 'host-failed',
    host,
    status: failure.status,
    message: failure.message,
    ...(play && {play: play.index}),
    ...(failure.id !== undefined && {id: failure.id}),
    ...(failure.next !== undefined && {next: failure.next}),
  })
  if (play && failure.status === 'failed' && (play.anyErrorsFatal || failure.isFatal))
    for (const [other, {run}] of states)
      if (other !== host) run.stop(`stopped, because ${host} failed and any_errors_fatal is set`)
}

const defectText = (error: unknown): string => `a defect of gatewright or of a role: ${stackOf(error)}`

/** Why what comes after a failed host is not begun. */
export const notStarted = (host: string, {states}: RunContext): string => {
  const failure = states.get(host)?.failure
  const what = failure?.status === 'interrupted' ? 'was interrupted before it' : 'failed before it'
  return `not started, because ${host} ${failure?.because ?? what}`
}
