import type {HostStatus} from '../events.ts'
import type {TransportError} from '../transport/transport.ts'

export type FailureStatus = Exclude<HostStatus, 'ok' | 'changed'>

type FailureOptions = {id?: string; next?: string; because?: string; cause?: unknown}

/** Why a host's run stops here. `id` is the resource or task at which it stopped, `next` what to do about it. */
export class HostFailure extends Error {
  readonly status: FailureStatus
  readonly id: string | undefined
  readonly next: string | undefined
  /** What is said of this host where others are not started for it: `failed`. */
  readonly because: string | undefined
  /** It happened while a play was applied: the host may stand between two states. */
  began = false
  /** `any_errors_fatal`: no host goes on after it. */
  isFatal = false
  constructor(status: FailureStatus, message: string, options: FailureOptions = {}) {
    super(message, {cause: options.cause})
    this.status = status
    this.id = options.id
    this.next = options.next
    this.because = options.because
  }
}

/** What a connection that could not be made or did not last means for its host. */
export const transportFailure = (error: TransportError, {aborted}: AbortSignal): HostFailure => {
  if (aborted) return new HostFailure('interrupted', 'interrupted', {cause: error})
  const status = error.fault === 'become-refused' || error.fault === 'shell-died' ? 'failed' : 'unreachable'
  return new HostFailure(status, error.message, {cause: error})
}

/** What to do when a step has failed. */
export const stays = 'the steps before it are done and stay; mend the cause and run the same command again'
