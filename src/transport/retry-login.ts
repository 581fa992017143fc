import {setTimeout as sleep} from 'node:timers/promises'
import {type Target, TransportError} from './transport.ts'

const retries = 2
const firstPauseMs = 200

/**
 * A refused or reset connection is tried again, at most twice and with a pause of random length; a host key or a login
 * that is refused never is. `connectTimeoutMs` covers all of it.
 */
export const retryLogin = async <Result>(
  {connectTimeoutMs}: Target,
  attempt: (deadline: number) => Promise<Result>,
): Promise<Result> => {
  const deadline = performance.now() + connectTimeoutMs
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt(deadline)
    } catch (error) {
      const pauseMs = firstPauseMs * 2 ** tries * (0.5 + Math.random())
      const isWorthIt = error instanceof TransportError && isPassing(error.cause) && tries < retries
      if (!isWorthIt || performance.now() + pauseMs >= deadline) throw error
      await sleep(pauseMs)
    }
  }
}

/** Whether a moment later it may go better: the daemon restarts, or its MaxStartups is reached. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof Error && ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'RESET_IN_KEX'].includes(codeOf(cause))

export const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? ''
