import {type Answer, Unreadable} from '../resources/resource.ts'

/** Throws Unreadable, in the host's words, when the command has failed. */
const stdoutOf = (fact: string, {code, stdout, stderr}: Answer): string => {
  if (code !== 0) throw new Unreadable(`${fact}: ${stderr.trim() || `exit code ${code}`}`)
  return stdout
}

/** Lines of an answer without the empty ones. */
export const linesOf = (fact: string, answer: Answer): string[] =>
  stdoutOf(fact, answer)
    .split('\n')
    .filter(line => line !== '')

/** `name=value` lines, values without the quotes of os-release(5). */
export const assignmentsOf = (fact: string, answer: Answer): ReadonlyMap<string, string> =>
  new Map(
    linesOf(fact, answer).map((line): [string, string] => {
      const equals = line.indexOf('=')
      return [line.slice(0, equals), line.slice(equals + 1).replace(/^(["'])(.*)\1$/, '$2')]
    }),
  )

/** JSON of ip(8); older versions print nothing for an empty list. */
export const jsonOf = <Value>(fact: string, answer: Answer): Value[] => {
  const stdout = stdoutOf(fact, answer)
  try {
    const found: Value[] = stdout.trim() === '' ? [] : JSON.parse(stdout)
    return found
  } catch (cause) {
    throw new Unreadable(`${fact}: the host answered with something that is no JSON: ${String(cause)}`)
  }
}
