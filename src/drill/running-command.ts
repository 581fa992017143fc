import type {Session} from '../transport/transport.ts'
import {messageOf} from '../wording.ts'
import type {RunningCommand} from './ground.ts'

/** Starts a command as the login user, whose standard input stays open: it ends with it, and so with the connection. */
export const startCommand = async (session: Session, words: readonly string[]): Promise<RunningCommand> => {
  const {child} = await session.withZx({}, async $ => ({
    child: $({stdio: ['pipe', 'pipe', 'pipe']})`${[...words]}`.nothrow(),
  }))
  const lines: string[] = []
  let rest = ''
  let isOver = false
  let wake: () => void = () => undefined
  let changed = new Promise<void>(resolve => (wake = resolve))
  const tell = (): void => {
    wake()
    changed = new Promise<void>(resolve => (wake = resolve))
  }
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    rest += text
    const whole = rest.split('\n')
    rest = whole.pop() ?? ''
    lines.push(...whole)
    tell()
  })
  const ended = (async () => {
    try {
      const {exitCode, stderr} = await child
      return {code: exitCode ?? 1, stderr}
    } catch (error) {
      return {code: 1, stderr: messageOf(error)}
    } finally {
      isOver = true
      tell()
    }
  })()
  /** Lines that were given out are not given again; others wait for whoever wants them. */
  const given = new Set<number>()
  return {
    lines,
    ended,
    write: text => void child.stdin.write(text),
    end: () => {
      if (isOver) return
      child.stdin.end()
      void child.kill('SIGTERM').catch(() => undefined)
    },
    next: async (isWanted, withinMs) => {
      const deadline = performance.now() + withinMs
      for (;;) {
        const index = lines.findIndex((line, at) => !given.has(at) && isWanted(line))
        if (index >= 0) {
          given.add(index)
          return lines[index]
        }
        const leftMs = deadline - performance.now()
        if (isOver || leftMs <= 0) return undefined
        let timer: NodeJS.Timeout | undefined
        await Promise.race([changed, new Promise(resolve => (timer = setTimeout(resolve, leftMs)))])
        clearTimeout(timer)
      }
    },
  }
}
