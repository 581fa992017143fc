import type {PlannedItem} from '../events.ts'

export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

/** One thing that an auditor asks of a host, and what decides it. */
export type Control = {
  readonly id: string
  readonly title: string
  readonly rationale: string
  readonly severity: Severity
  /** Requirements that it answers. */
  readonly requirements: readonly string[]
  /** Clauses of standards and laws, as they are cited. */
  readonly references: readonly string[]
  /** Patterns of resources of roles, `ROLE/ID` or `ID` with `*`; `rest`: those that no other control names. */
  readonly resources: readonly string[] | 'rest'
  /** Condition under which it can be decided at all, and the reason that stands in the report where not. */
  readonly applies?: string
  readonly otherwise?: string
  /** Shell text that looks and changes nothing. */
  readonly observe?: string
  /** Host on which it looks, where that is not the audited one. */
  readonly on?: string
  /** Expression over what was seen; without it exit code 0 is enough. */
  readonly passes?: string
  /** What should have been seen, for people. */
  readonly expected?: string
  /** What a person does where `gatewright play` cannot mend it. */
  readonly repair?: string
}

/** Somebody has taken a failure upon themselves until a day (inclusive, UTC). */
export type Waiver = {
  readonly control: string
  /** Empty: all hosts. */
  readonly hosts: readonly string[]
  readonly who: string
  readonly why: string
  /** `2027-01-31` */
  readonly until: string
}

/** What the audit answers, and where nothing on a host can: why not. */
export type Requirement = {readonly id: string; readonly text: string; readonly without?: string}

export type Audit = {
  readonly controls: readonly Control[]
  readonly waivers: readonly Waiver[]
  readonly requirements: readonly Requirement[]
}

export type Observation = {
  readonly command: string
  /** Host that was asked. */
  readonly on: string
  readonly atMs: number
} & (
  | {readonly code: number; readonly stdout: string; readonly stderr: string}
  /** Why there is no answer. */
  | {readonly lost: string}
)

/** A resource of a role as check mode saw it. */
export type SeenItem = PlannedItem & {readonly probe?: string}

/** All that a control is judged by on one host. */
export type Seen = {
  /** Those that its patterns name. */
  readonly items: readonly SeenItem[]
  /** Why the host has no plan. */
  readonly noPlan?: string
  readonly applies: boolean
  readonly observation?: Observation
  /** What its expression said of it; a text: why it could not be evaluated. */
  readonly holds?: boolean | string
}

export type Verdict = 'pass' | 'fail' | 'waived' | 'not evaluated'

export type Evidence = {
  readonly what: 'resource' | 'observation'
  /** Id of the resource, or the host that was asked. */
  readonly of: string
  readonly command: string
  /** What was seen. */
  readonly observed: string
  readonly atMs: number
}

/** One control on one host. */
export type AuditRecord = {
  readonly control: string
  readonly severity: Severity
  readonly host: string
  readonly verdict: Verdict
  readonly because: readonly string[]
  /** `gatewright play` mends it: a resource of a role differs. */
  readonly isDrift: boolean
  /** What to run or do. */
  readonly repair?: string
  readonly waiver?: Waiver
  /** Keys by which the host was known when it was asked. */
  readonly hostKeys: readonly string[]
  readonly evidence: readonly Evidence[]
}

export type Moved = {
  readonly control: string
  readonly host: string
  readonly was: Verdict | 'new'
  readonly is: Verdict | 'gone'
}

export type AuditResult = {
  readonly format: 1
  readonly run: string
  readonly engine: string
  readonly operator: string
  readonly startedMs: number
  readonly endedMs: number
  readonly hosts: readonly string[]
  readonly controls: readonly Pick<
    Control,
    'id' | 'title' | 'rationale' | 'severity' | 'requirements' | 'references' | 'expected'
  >[]
  readonly requirements: readonly Requirement[]
  readonly records: readonly AuditRecord[]
  /** The audit before this one of the same hosts, and what is otherwise now. */
  readonly since?: {readonly run: string; readonly startedMs: number; readonly moved: readonly Moved[]}
}
