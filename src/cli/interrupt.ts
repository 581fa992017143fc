import type {Signals} from './io.ts'

const lastWords = {
  steps: 'ended; steps that were begun go on on the hosts and are journalled there: run the same command again',
  commands: 'ended; commands that were begun may go on on the hosts',
}

/** Ctrl-C: the first asks the run to end, the second ends it. */
export const onInterrupt = (
  signals: Signals | undefined,
  note: (text: string) => void,
  what: 'steps' | 'commands' = 'steps',
) => {
  const controller = new AbortController()
  const forced = Promise.withResolvers<void>()
  const listener = (): void => {
    if (controller.signal.aborted) {
      note(lastWords[what])
      forced.resolve()
      return
    }
    note('finishing what is running; again to leave it to the hosts')
    controller.abort()
  }
  signals?.on('SIGINT', listener)
  signals?.on('SIGTERM', listener)
  return {
    signal: controller.signal,
    forced: forced.promise,
    abort: () => controller.abort(),
    [Symbol.dispose](): void {
      signals?.off('SIGINT', listener)
      signals?.off('SIGTERM', listener)
    },
  }
}
