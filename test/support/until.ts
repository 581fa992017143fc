import {setTimeout as sleep} from 'node:timers/promises'

/** Looks until it is so; false when it is not so within `withinMs`. */
export const until = async (
  reached: () => boolean | Promise<boolean>,
  {withinMs = 15_000, everyMs = 50}: {withinMs?: number; everyMs?: number} = {},
): Promise<boolean> => {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (await reached()) return true
    if (performance.now() > deadline) return false
    await sleep(everyMs)
  }
}
