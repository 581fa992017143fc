import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {namespaceOf, type Topology} from '../../lab/index.ts'
import {onLine} from '../../lab/lines.ts'

/** From which host to which, and by which of its addresses. `port` is the echo service's unless given. */
export type Flow = {
  readonly from: string
  readonly to: string
  readonly address: string
  readonly port?: number
  /** The address that the sender binds to; without it the kernel's choice. */
  readonly source?: string
}
export const echoPort = 7

export type Running = {
  /** Ends its standard input, and gives the last line that it said. */
  stop(): Promise<string>
}

const complaintOf = (child: ChildProcess): (() => string) => {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more))
  return () => text.split('\n').slice(0, 6).join('\n')
}

/**
 * Runs one of test/support/programs on this machine's disk and in a host's network, and waits for its `ready`. It ends
 * with its standard input, so it cannot outlive the test.
 * @throws Error when it ends or is not ready within `withinMs`
 */
export const startIn = async (
  topology: Topology,
  host: string,
  program: string,
  args: readonly string[],
  withinMs = 10_000,
): Promise<Running> => {
  const file = join(import.meta.dirname, 'programs', `${program}.ts`)
  const enter = [`--net=/run/netns/${namespaceOf(topology, host)}`, 'nice', '-n', '-20']
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', file, ...args]
  const child = spawn('nsenter', [...enter, ...node], {stdio: ['pipe', 'pipe', 'pipe']})
  const complaint = complaintOf(child)
  const closed = once(child, 'close')
  const title = `${program} ${args.join(' ')} on ${host}`
  let last = ''
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${title} ${why}\n${complaint()}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`was not ready within ${withinMs} ms`)
    }, withinMs)
    onLine(child.stdout, line => {
      last = line
      if (line === 'ready') resolve()
    })
    closed.then(
      ([code]) => fail(`ended with ${code}`),
      error => fail(String(error)),
    )
    void closed.finally(() => clearTimeout(timer)).catch(() => undefined)
    child.stdout.once('data', () => clearTimeout(timer))
  })
  return {
    async stop() {
      child.stdin.end()
      const [code] = await closed
      if (code !== 0) throw new Error(`${title} ended with ${code}\n${complaint()}`)
      return last
    },
  }
}

/** Has the other end of a flow give back what it gets. */
export const startEcho = (
  topology: Topology,
  {to, address, port = echoPort}: Flow,
  protocol: 'tcp' | 'udp',
): Promise<Running> => startIn(topology, to, 'echo-server', [protocol, address, String(port)])
