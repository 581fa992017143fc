import {DefaultRenderer, ListrLogger, ProcessOutput} from 'listr2'
import type {Output} from './output.ts'
import type {Style} from './style.ts'

/** listr2's renderer, which can also print lines that stay above its own. */
export class LiveRenderer extends DefaultRenderer {
  // It is chosen only for a terminal; the one that counts need not be the process's own.
  static override nonTTY = true

  readonly #drawn = Promise.withResolvers<void>()

  /** Resolves when it has begun, so that lines can be printed. */
  get drawn(): Promise<void> {
    return this.#drawn.promise
  }

  override async render(): Promise<void> {
    await super.render()
    this.#drawn.resolve()
  }

  get #updater(): {persist(text: string): void} | undefined {
    // listr2 keeps its log-update to itself; the version is pinned, and a test would notice.
    return (this as unknown as {updater?: {persist(text: string): void}}).updater
  }

  persist(lines: readonly string[]): boolean {
    const updater = this.#updater
    if (!updater) return false
    if (lines.length > 0) {
      updater.persist(`${lines.join('\n')}\n`)
      this.update()
    }
    return true
  }
}

/** Writes to the given stream and leaves the process's own streams alone. */
class OwnOutput extends ProcessOutput {
  override hijack(): void {}
  override release(): void {}
}

export const rendererOptions = (output: Output, style: Style) => {
  const stream = output as NodeJS.WriteStream
  return {
    logger: new ListrLogger({useIcons: true, toStderr: [], processOutput: new OwnOutput(stream, stream)}),
    formatOutput: 'truncate' as const,
    collapseSubtasks: false,
    collapseSkips: false,
    showSkipMessage: false,
    color: {
      PENDING: style.cyan,
      COMPLETED: style.green,
      COMPLETED_WITH_FAILED_SUBTASKS: style.red,
      FAILED: style.red,
      FAILED_WITH_SUBTASKS: style.red,
      SKIPPED_WITHOUT_COLLAPSE: style.dim,
      WAITING: style.dim,
      CANCELLED: style.magenta,
    },
  }
}
