import type {AuditResult} from './audit/model.ts'
import type {Cause, DiagnosisFlow, Taken} from './diagnose/model.ts'
import type {Diagnostic, Position} from './diagnostic.ts'
import type {Change} from './resources/resource.ts'

/** Version of the event format; it grows when a field changes its meaning or goes away, not when something is added. */
export const eventVersion = 1

export type Mode = 'check' | 'apply'

/**
 * ok: as desired. changed: differs (check) or was made so (apply). unknown: only applying can tell. ignored, rescued: it
 * failed, and the playbook goes on (ignore_errors, rescue).
 */
export type Verdict = 'ok' | 'changed' | 'failed' | 'ignored' | 'rescued' | 'skipped' | 'unknown' | 'unsupported'

/** One resource, handler or task of a host's plan, as people and programs see it. No secret is in it. */
export type PlannedItem = {
  readonly id: string
  readonly kind: string
  readonly play: number
  readonly role?: string
  readonly name?: string
  readonly at?: Position
  readonly verdict: Verdict
  /** Predicted from what an earlier change will provide; probed again during apply. */
  readonly tentative: boolean
  readonly changes: readonly Change[]
  /** Titles of the steps that realise the changes. */
  readonly steps: readonly string[]
  /** Why it is failed, ignored, rescued, unsupported or unknown; for a handler, why it runs. */
  readonly reason?: string
  /** The host takes it back by itself unless a new login confirms it. */
  readonly isGuarded?: true
  /** What a task has to say (debug, assert). That of a `debug` is always shown. */
  readonly message?: string
  /** `no_log`: whatever it says or changes is taken out of all events. */
  readonly noLog?: true
}

/** Apply has something to do for it. */
export const acts = ({verdict}: PlannedItem): boolean => verdict === 'changed' || verdict === 'unknown'

/** rolled back: a change that no new login confirmed was taken back by the host. */
export type HostStatus =
  | 'ok'
  | 'changed'
  | 'failed'
  | 'unreachable'
  | 'refused'
  | 'interrupted'
  | 'skipped'
  | 'rolled back'
export type Counts = Readonly<Record<Verdict, number>>
export const noCounts = (): Record<Verdict, number> => ({
  ok: 0,
  changed: 0,
  failed: 0,
  ignored: 0,
  rescued: 0,
  skipped: 0,
  unknown: 0,
  unsupported: 0,
})

/** What happened on one host, over all plays. */
export type HostSummary = {
  readonly host: string
  readonly status: HostStatus
  readonly counts: Counts
  /** What was unsupported, with the host's reasons. */
  readonly unsupported: readonly {readonly id: string; readonly reason: string}[]
  readonly error?: string
}

export type Phase = 'connect' | 'facts' | 'probe' | 'apply' | 'verify'
/** Milliseconds that a host spent in each phase; waiting for others is not in it. */
export type HostProfile = Readonly<Record<Phase, number>> & {readonly host: string; readonly totalMs: number}
/** One item of a play over all hosts that carried it out. */
export type ItemProfile = {
  readonly id: string
  readonly play: number
  readonly hosts: number
  readonly sumMs: number
  readonly longestMs: number
  readonly longestOn: string
}
/** Where the time of a run went. Items: the slowest first. */
export type Profile = {
  readonly items: readonly ItemProfile[]
  readonly plays: readonly {readonly name: string; readonly hosts: number; readonly elapsedMs: number}[]
  readonly hosts: readonly HostProfile[]
}

/** One health check of a host of a pair: what it found and why. */
export type GateCheck = {
  readonly name: string
  readonly is: 'healthy' | 'sick' | 'absent'
  readonly reason?: string
  /** The host carries the traffic of its pair now. */
  readonly holds?: boolean
}

/** A scenario as check mode tells it. */
export type DrillStep = {
  readonly id: string
  readonly title: string
  readonly breaks: string
  readonly budgetMs: number
  readonly goalMs?: number
  readonly holdSeconds: number
  /** What would be done, and how it ends by itself. */
  readonly faults: readonly string[]
  readonly leftOut?: string
}

type At = {readonly time: string}
type OnHost = At & {readonly host: string}

/** Everything that a run tells. Plain data: JSON lines are these verbatim, reporters read nothing else. */
export type Event =
  | (At & {
      event: 'run-start'
      version: number
      run: string
      mode: Mode
      command: string
      hosts: readonly string[]
      plays: readonly {name: string; hosts: readonly string[]}[]
      /** `--force-sick`: why gateways are changed although a peer is sick. */
      forceSick?: string
    })
  | (At & {event: 'diagnostic'; diagnostic: Diagnostic})
  | (At & {event: 'play-start'; play: number; name: string; hosts: readonly string[]})
  | (At & {event: 'batch-start'; play: number; hosts: readonly string[]})
  /** It is this host's turn: the connection is being made. */
  | (OnHost & {event: 'host-start'})
  | (OnHost & {event: 'connected'})
  | (OnHost & {event: 'warning'; message: string})
  | (OnHost & {event: 'facts'; facts: Readonly<Record<string, unknown>>})
  | (OnHost & {event: 'planned'; items: readonly PlannedItem[]})
  | (OnHost & {event: 'plan-revised'; items: readonly PlannedItem[]; was: readonly PlannedItem[]})
  | (OnHost & {event: 'item-start'; id: string; play: number})
  | (OnHost & {event: 'step-start'; id: string; play: number; step: string; title: string})
  | (OnHost & {
      event: 'step-end'
      id: string
      play: number
      step: string
      title: string
      code: number
      output: string
      journalled?: boolean
    })
  /** With `-v`: whole lines of what a step that still runs has printed. `step-end` has all of it once more. */
  | (OnHost & {event: 'step-output'; id: string; play: number; step: string; text: string})
  | (OnHost & {event: 'item-end'; item: PlannedItem})
  | (OnHost & {event: 'task-log'; id: string; message: string})
  | (OnHost & {event: 'reconnecting'; reason: string})
  /**
   * What can cut the way to the host is under a rollback for `seconds`, was confirmed by a new login, or taken back, so
   * many seconds later. `ids` are the items.
   */
  | (OnHost & {
      event: 'commit-confirm'
      state: 'armed' | 'confirmed' | 'rolled back'
      ids: readonly string[]
      seconds: number
    })
  /**
   * How a host does its part of its pair: found with the facts (`before`, also of peers that no play names), and asked again
   * after changes until it is healthy or the limit is reached, told when the answer is another one.
   */
  | (OnHost & {
      event: 'gate'
      when: 'before' | 'after'
      is: GateCheck['is']
      checks: readonly GateCheck[]
    })
  /** Check mode: what a drill would do to a pair. */
  | (At & {event: 'drill-plan'; pair: string; scenarios: readonly DrillStep[]})
  | (At & {event: 'drill-start'; pair: string; scenarios: readonly string[]})
  | (At & {event: 'scenario-start'; pair: string; scenario: string; title: string; number: number; of: number})
  /** What is being done in a scenario. */
  | (At & {event: 'drill-phase'; pair: string; scenario: string; text: string})
  | (At & {
      event: 'scenario-end'
      pair: string
      scenario: string
      title: string
      verdict: 'passed' | 'failed' | 'left out' | 'not run'
      because: readonly string[]
      /** The longest silence of its paths, and its budget. */
      gapMs: number
      budgetMs: number
      goalMissed: boolean
      sessionsLost: number
    })
  | (At & {
      event: 'drill-end'
      pair: string
      passed: number
      failed: number
      leftOut: number
      notRun: number
      /** What is not as it was before. */
      stateChanges: readonly {host: string; section: string; gone: readonly string[]; new: readonly string[]}[]
      /** Files of the report. */
      report: readonly string[]
    })
  | (At & {event: 'audit-start'; hosts: readonly string[]; controls: number})
  /** `report` are the files that were written. */
  | (At & {event: 'audit-end'; result: AuditResult; report: readonly string[]})
  | (At & {event: 'diagnosis-start'; pair: string; flow: DiagnosisFlow; hosts: readonly string[]})
  /** A step of a decision tree as it was taken on a host. */
  | (At & {event: 'diagnosis-step'; pair: string; flow: DiagnosisFlow} & Taken)
  /** The most likely cause first; none: nothing was found. `asked`: steps of this tree that its roles have. */
  | (At & {
      event: 'diagnosis-end'
      pair: string
      flow: DiagnosisFlow
      asked: number
      /** Hosts that could not be asked. */
      silent: readonly string[]
      causes: readonly Cause[]
    })
  | (OnHost & {event: 'verified'; play: number; ids: readonly string[]})
  | (OnHost & {event: 'host-failed'; status: HostStatus; play?: number; id?: string; message: string; next?: string})
  | (OnHost & {event: 'host-end'; summary: HostSummary})
  /** With `--profile`, before the summary. */
  | (At & {event: 'profile'; profile: Profile})
  | (At & {
      event: 'summary'
      mode: Mode
      exitCode: number
      interrupted: boolean
      hosts: readonly HostSummary[]
      elapsedMs: number
      forceSick?: string
      /** Controls decided the exit code. */
      isAudit?: true
      /** The most memory that the engine had (resident set). */
      peakMemoryBytes?: number
    })

type WithoutTime<E> = E extends Event ? Omit<E, 'time'> : never
export type NewEvent = WithoutTime<Event>
export type Emit = (event: NewEvent) => void
/** A reporter only listens; `close` is called after the summary. */
export type Reporter = {on(event: Event): void; close?(): void | Promise<void>}
