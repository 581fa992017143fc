import {readFileSync} from 'node:fs'

/**
 * When a process started, in clock ticks since boot: with its pid this names one process for ever, as pids are used again.
 * Undefined when there is no such process.
 */
export function startTimeOf(pid: number): string | undefined {
  return fieldsOf(pid)?.[19]
}

/** Whether that very process still does something; one that only waits to be reaped by its parent does not. */
export function isRunning(pid: number, startTime: string): boolean {
  const fields = fieldsOf(pid)
  return fields?.[19] === startTime && fields[0] !== 'Z' && fields[0] !== 'X'
}

/** What follows the program's name, the first being the state: the name stands in parentheses and may hold anything. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
  } catch {
    return undefined
  }
}
