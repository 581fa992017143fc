import type {Emit, GateCheck} from '../events.ts'
import type {Answer} from '../resources/resource.ts'
import type {EventSource} from '../role.ts'
import type {DrillTerms, PairDrill} from './model.ts'

/** A command that runs on a host until its input ends. */
export type RunningCommand = {
  /** Adds to its standard input. */
  write(text: string): void
  /** Ends it. */
  end(): void
  /** Its output so far, in lines. */
  readonly lines: readonly string[]
  /** Resolves with its next line that `isWanted` says yes to; undefined when it has ended or `withinMs` are over. */
  next(isWanted: (line: string) => boolean, withinMs: number): Promise<string | undefined>
  readonly ended: Promise<{readonly code: number; readonly stderr: string}>
}

export type HostHealthNow = {
  readonly is: 'healthy' | 'sick' | 'absent'
  readonly checks: readonly GateCheck[]
}

/** All that a drill does to the world, given by the run that it is part of. Times are Unix time in milliseconds. */
export type DrillGround = {
  readonly drill: PairDrill
  readonly terms: DrillTerms
  readonly run: string
  readonly engine: string
  readonly operator: string
  readonly site?: string
  /** Host -> links by device. */
  /** Addresses of the pair: its links' and the virtual ones. */
  readonly addresses: ReadonlySet<string>
  /** Addresses by way of which this machine reaches a host: jump hosts and the neighbours that packets go to first. */
  waysTo(host: string): Promise<readonly string[]>
  readonly linksOf: (host: string) => ReadonlyMap<string, string>
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly now: () => number
  /** Runs a script as root on a gateway; throws TransportError. */
  ask(host: string, script: string, timeoutMs?: number): Promise<Answer>
  /** As the login user. */
  askAsUser(host: string, script: string): Promise<Answer>
  health(host: string): Promise<HostHealthNow>
  /** Runs a task of a role; `heal` undoes it, and is undefined where the task ends by itself. */
  task(name: string): {
    run(host: string, args: Readonly<Record<string, unknown>>): Promise<string>
    readonly heal: ((host: string, args: Readonly<Record<string, unknown>>) => Promise<string>) | undefined
    plan(host: string, args: Readonly<Record<string, unknown>>): Promise<string>
  }
  /** Starts a command as the login user of a probe. */
  start(host: string, words: readonly string[]): Promise<RunningCommand>
  /** Forgets the connection to a host whose power is about to go. */
  drop(host: string): Promise<void>
  /** Takes the lock of a host that was away. */
  lockAgain(host: string): Promise<void>
  /** Runs a program of the control machine. Throws when it fails. */
  runHere(words: readonly string[]): Promise<void>
  /** A line that a person types; undefined: nobody is there. */
  askPerson(question: string): Promise<string | undefined>
  eventsOf(host: string): readonly EventSource[]
  /** Puts a line into the journal of a gateway. */
  note(host: string, text: string): Promise<void>
}
