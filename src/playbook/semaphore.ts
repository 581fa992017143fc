/** Lets so many work at the same time; others wait for their turn, in order. */
export class Semaphore {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#free = size
  }

  async within<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#enter()
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** For work within it that waits for other such work: its place is free meanwhile. */
  async outside<Result>(waiting: Promise<Result>): Promise<Result> {
    this.#leave()
    try {
      return await waiting
    } finally {
      await this.#enter()
    }
  }

  #enter(): Promise<void> | void {
    if (this.#free > 0) {
      this.#free--
      return
    }
    const {promise, resolve} = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    return promise
  }

  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
