import type {TransportFault} from './transport.ts'

/** What carries the bytes of one shell: an SSH channel, a child process. */
export interface Wire {
  write(bytes: Buffer): void
  /** Gives up the channel at once. */
  close(): void
}

/** What a wire reports. `end` comes once and last. */
export type WireEvents = {
  bytes(chunk: Buffer): void
  /** The channel's stderr: sudo's words, a dying shell's words. */
  words(chunk: Buffer): void
  /** No fault: the shell ended by itself. */
  end(reason?: {fault: TransportFault; message: string; cause?: unknown}): void
}

/** Starts the loop on the host. Throws (rejects with) TransportError. */
export type OpenWire = (marker: string, prompt: string | undefined, events: WireEvents) => Promise<Wire>
