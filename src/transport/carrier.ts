import type {Readable, Writable} from 'node:stream'

/** A command that runs on the host. */
export type Channel = {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Told once how the command ended; never, if the connection ended before it. */
  onExit(listener: (code: number | null, signal: string | undefined) => void): void
  /** Told once, after the exit and all output. */
  onClose(listener: () => void): void
  destroy(): void
}

export type LostBy = 'connection-lost' | 'timeout'

/** What a session runs over: an ssh2 client, a master of the ssh program, this very machine. */
export type Carrier = {
  /**
   * Starts a command line in the login shell. `use` is called in the turn in which the channel opens, since its output
   * may follow in that turn. Rejects where the host does not open a channel.
   */
  exec(line: string, use: (channel: Channel) => void): Promise<void>
  /** Told once when the connection is over without close(). */
  onLost(listener: (fault: LostBy, message: string) => void): unknown
  /** Ends it at once and for good; resolves when nothing of it is left on this machine. */
  close(): Promise<void>
}
