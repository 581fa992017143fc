import {readFileSync} from 'node:fs'

/**
 * When a process started, in clock ticks since boot: with its pid this names one process for ever, as pids are used again.
 * Undefined when there is no such process.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses and may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19]
  } catch {
    return undefined
  }
}
