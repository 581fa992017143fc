import {setTimeout as sleep} from 'node:timers/promises'
import type {Carrier, Channel} from './carrier.ts'

/** sshd allows ten sessions on a connection (MaxSessions); the engine's own shells need up to four. */
const maxChannels = 6
const maxTries = 8
const firstPauseMs = 10

/** Opens channels for zx, as many at once as sshd takes. */
export class ExecChannels {
  readonly #carrier: Carrier
  #free = maxChannels
  readonly #waiting: (() => void)[] = []

  constructor(carrier: Carrier) {
    this.#carrier = carrier
  }

  /** Waits for a free place; the caller gives it back by calling the result once. */
  async place(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }

  async open(line: string, use: (channel: Channel) => void): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#carrier.exec(line, use)
      } catch (error) {
        // sshd frees a session one turn after it has ended, so an open right after a close may be refused.
        if (attempt >= maxTries || !/open (failed|refused)/i.test((error as Error).message)) throw error
        await sleep(firstPauseMs * 2 ** attempt)
      }
    }
  }
}
