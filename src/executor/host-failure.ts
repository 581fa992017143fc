import type {HostStatus} from '../events.ts'

export type FailureStatus = Exclude<HostStatus, 'ok' | 'changed'>

/** Why a host's run stops here. `id` is the resource or task at which it stopped, `next` what to do about it. */
export class HostFailure extends Error {
  readonly status: FailureStatus
  readonly id: string | undefined
  readonly next: string | undefined
  /** It happened while a play was applied: the host may stand between two states. */
  began = false
  constructor(status: FailureStatus, message: string, options: {id?: string; next?: string; cause?: unknown} = {}) {
    super(message, {cause: options.cause})
    this.status = status
    this.id = options.id
    this.next = options.next
  }
}
