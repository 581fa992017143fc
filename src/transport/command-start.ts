import {becomeAdvice, isAsking, ownsStdin} from './become.ts'
import type {Channel} from './carrier.ts'
import type {RemoteCommand} from './remote-command.ts'

type Start = {
  /** Takes from a chunk of stderr what is ours. */
  readonly strip: (chunk: Buffer) => Buffer
  /** What was held back of a command that never began. */
  readonly rest: () => Buffer
}

type Listeners = {
  /** The leader of its process group is known. */
  readonly pid: (pid: number) => void
  /** stdin is the command's own from now on. */
  readonly ready: () => void
}

/** Watches the beginning of a command, and answers the question for a password. */
export const commandStart = (
  {tag, become, prompt}: RemoteCommand,
  {stdin}: Pick<Channel, 'stdin'>,
  {pid, ready}: Listeners,
): Start => {
  let held = Buffer.alloc(0)
  let hasBegun = false
  let hasAnswered = false
  const mayAsk = become !== undefined && ownsStdin(become)
  if (!mayAsk) ready()

  /** Cuts our line out of what is held. */
  const cut = (pattern: RegExp): RegExpExecArray | null => {
    const found = pattern.exec(held.toString('latin1'))
    if (found !== null)
      held = Buffer.concat([held.subarray(0, found.index), held.subarray(found.index + found[0].length)])
    return found
  }
  const answer = () => {
    if (!mayAsk || !isAsking(become, prompt, held.toString())) return
    const {password} = become
    if (password !== undefined && !hasAnswered) {
      stdin.write(`${password}\n`)
      held = Buffer.alloc(0)
    } else {
      stdin.end()
      held = Buffer.from(`${become.method ?? 'sudo'} asks for a password; ${becomeAdvice(become, hasAnswered)}\n`)
    }
    hasAnswered = true
  }
  return {
    strip: chunk => {
      if (hasBegun) return chunk
      held = Buffer.concat([held, chunk])
      const first = cut(new RegExp(`${tag} (\\d+)\\n`))
      if (first !== null) pid(Number(first[1]))
      hasBegun = cut(new RegExp(`\\n?${tag} go\\n`)) !== null
      if (!hasBegun) {
        answer()
        return Buffer.alloc(0)
      }
      if (mayAsk) ready()
      return held
    },
    rest: () => (hasBegun ? Buffer.alloc(0) : held),
  }
}
