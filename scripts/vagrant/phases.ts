type Phase = {readonly title: string; readonly seconds: number; readonly passed: boolean}

/** What was done, one after the other, and how long each took. */
export class Phases {
  readonly #done: Phase[] = []

  async run<T>(title: string, action: () => Promise<T>): Promise<T> {
    console.log(`\n\u2501\u2501 ${title}`)
    const startMs = performance.now()
    let passed = false
    try {
      const result = await action()
      passed = true
      return result
    } finally {
      this.#done.push({title, passed, seconds: Math.round((performance.now() - startMs) / 1000)})
    }
  }

  table(): string {
    const total = this.#done.reduce((sum, {seconds}) => sum + seconds, 0)
    const width = Math.max(...this.#done.map(({title}) => title.length))
    const line = (title: string, seconds: number, mark: string): string =>
      `${title.padEnd(width)}  ${String(seconds).padStart(5)} s  ${mark}`
    return [
      ...this.#done.map(({title, seconds, passed}) => line(title, seconds, passed ? 'ok' : 'FAILED')),
      line('in all', total, ''),
    ].join('\n')
  }
}
