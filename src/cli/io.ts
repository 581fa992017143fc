import type {Output} from '../reporters/output.ts'
import type {Connect} from '../transport/transport.ts'

/** What a process gives to the command line; tests give their own. */
export type Io = {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Where passwords are typed; the process's own unless given. */
  readonly stdin?: NodeJS.ReadableStream & {readonly isTTY?: boolean}
  /** Instead of SSH. */
  readonly connect?: Connect
  readonly signals?: Signals
  /** The time of day; the clock unless given. */
  readonly now?: () => Date
}

export type Sink = Output & {
  on?(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/** SIGINT and SIGTERM: the process, or a test's emitter. */
export type Signals = {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}
