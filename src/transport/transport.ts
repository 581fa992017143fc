import type {Answer} from '../resources/resource.ts'
import type {BecomeMethod} from './become.ts'
import type {Hello} from './frames.ts'

export type {Hello} from './frames.ts'

/** How one host is reached. Everything that a connection needs, from inventory variables; hosts differ in nothing else. */
export type Target = {
  /** Name in the inventory. */
  readonly host: string
  /** What carries the connection; default ssh2. `local` is this machine, and reads nothing of the rest but `become`. */
  readonly transport?: 'ssh2' | 'openssh' | 'local'
  readonly address: string
  readonly port: number
  readonly user: string
  /** Private key files, tried in order; none means the agent's and those in ~/.ssh. */
  readonly keyFiles: readonly string[]
  /** For encrypted ones of them. */
  readonly passphrase?: string
  /** Socket of the agent; `none` asks no agent. Default: SSH_AUTH_SOCK. */
  readonly agent?: string
  /** Of the agent's keys only those of `keyFiles` are offered. */
  readonly identitiesOnly?: boolean
  readonly password?: string
  /** Files in known_hosts format. */
  readonly knownHosts: readonly string[]
  /** Name under which the host's key is filed, instead of its address and port. */
  readonly keyAlias?: string
  /** Pinned host keys, `ssh-ed25519 AAAA…`; then no known_hosts file is read. */
  readonly hostKeys?: readonly string[]
  /** A host whose key is not known yet is taken for what it says it is, and its key is filed. */
  readonly acceptNew?: boolean
  /** Hosts to go through, the nearest first. Each is logged in to with its own settings. */
  readonly jumps?: readonly Target[]
  readonly connectTimeoutMs: number
  /** A server that answers nothing for this long is given up. */
  readonly keepaliveMs: number
  readonly become?: BecomeMethod
  /** Seconds in which a change that can cut the way to the host has to be confirmed. */
  readonly confirmSeconds?: number
  /** For the transport openssh. */
  readonly openssh?: {
    readonly executable?: string
    /** Options of the user's own. */
    readonly arguments?: readonly string[]
    /** Its configuration file, or `none`; default: the program's own. */
    readonly config?: string
    /** The name by which the program is asked for the host, where it is not the address. */
    readonly name?: string
  }
}

/** One piece of a request: shell text, run in a subshell with `input` (or nothing) as stdin. */
export type Fragment = {
  readonly id: string
  /** What it is, for messages; default: its id. */
  readonly title?: string
  readonly script: string
  readonly input?: Buffer
  /** Skipped when an earlier fragment of the same request with this mark failed. */
  readonly step?: boolean
  /** The script is killed on the host with all its children after this time, and ends with code 124. */
  readonly timeoutMs?: number
  /**
   * Shell text evaluated just before the script in the process of the shell itself: what it sets or opens lasts as long as
   * the shell. Its output is dropped. Only the lock needs it.
   */
  readonly prelude?: string
}

export type Outcome = ({readonly status: 'done'} & Answer) | {readonly status: 'skipped'}

/** Told while a request runs. */
export type Watch = {
  /** The host begins a fragment. */
  onStart?(id: string): void
  /** Its answer is complete. */
  onEnd?(id: string, outcome: Outcome): void
}

/** One long-lived /bin/sh at one privilege level. */
export interface Shell {
  /** What the shell said when it came up. Throws TransportError (become-refused, timeout). */
  hello(): Promise<Hello>
  /**
   * Sends all fragments at once and resolves with one outcome each, in order: one round trip. May be called again before
   * an earlier request is answered; requests are run in the order of the calls.
   * Throws TransportError; its `answered` then holds what had arrived.
   */
  request(fragments: readonly Fragment[], watch?: Watch): Promise<readonly Outcome[]>
}

export type ShellOptions = {
  /** undefined: as the login user. */
  readonly become?: string | undefined
  /** Check mode: file systems are remounted read-only in a mount namespace of the shell's own. */
  readonly readOnly?: boolean
  /** Beside the shell with the other options, which may be busy. */
  readonly isAside?: boolean
}

/** One connection to one host. */
export interface Session {
  readonly host: string
  /** The same options give the same shell. Opening is part of login and waits for nothing. */
  shell(options: ShellOptions): Shell
  /** Runs `task` with zx's `$` (and `import {$} from 'zx'`) bound to this host. */
  withZx<Result>(
    options: {become?: string | undefined},
    task: ($: import('zx').Shell) => Promise<Result>,
  ): Promise<Result>
  /** Ends quietly; fragments already sent may still finish on the host. */
  close(): Promise<void>
}

/** Opens a session; throws TransportError. */
export type Connect = (target: Target) => Promise<Session>

export type TransportFault =
  | 'unreachable'
  | 'host-key'
  | 'login-refused'
  | 'become-refused'
  | 'connection-lost'
  | 'timeout'
  | 'shell-died'

/** A connection that could not be made or did not last. `message` says what happened and what to do. */
export class TransportError extends Error {
  readonly fault: TransportFault
  readonly host: string
  /** Fragment during which it happened. */
  readonly fragment: string | undefined
  /** Outcomes of the same request that had arrived, by fragment. */
  readonly answered: ReadonlyMap<string, Outcome>
  constructor(
    fault: TransportFault,
    host: string,
    message: string,
    options: {cause?: unknown; fragment?: string | undefined; answered?: ReadonlyMap<string, Outcome>} = {},
  ) {
    super(message, {cause: options.cause})
    this.name = 'TransportError'
    this.fault = fault
    this.host = host
    this.fragment = options.fragment
    this.answered = options.answered ?? new Map()
  }
}
