import type {GateCheck} from '../events.ts'

/** One way through the pair, as the playbook says it; see schema.ts for each field. */
export type DrillPath = {
  readonly name: string
  readonly from: string
  readonly to?: string
  readonly address?: string
  readonly source?: string
  readonly port: number
  readonly flows: number
  readonly sessions: number
  readonly connections: boolean
  readonly ping?: string
  /** Seconds. */
  readonly outage?: number
  readonly tunnel: boolean
}

export type Hand = 'cut' | 'kill' | 'freeze' | 'degrade'
export type On = 'holder' | 'standby' | 'both' | 'cold'

/** A fault of a scenario, before it is known on which host it will be. */
export type DrillFault = {readonly on: On; readonly wait: boolean} & (
  | {readonly by: 'task'; readonly task: string; readonly args: Readonly<Record<string, unknown>>}
  | {readonly by: 'hand'; readonly hand: Hand; readonly link?: string; readonly delay: number; readonly loss: number}
)

export type Scenario = {
  readonly id: string
  readonly title: string
  readonly breaks: string
  readonly faults: readonly DrillFault[]
  readonly holdSeconds: number
  readonly holder: 'moves' | 'stays' | 'any'
  readonly outageSeconds: number
  readonly goalSeconds?: number
  readonly sessionsLost: number
  /** Kinds of events of which one each has to notice the faults. */
  readonly notices: readonly string[]
  readonly paths: readonly string[]
  /** Why it cannot be played on this pair: a role or a link that it has not. */
  readonly leftOut?: string
}

/** The drill of one pair: all that is known before connecting. */
export type PairDrill = {
  readonly pair: string
  readonly hosts: readonly string[]
  /** Hosts elsewhere that stand in for it. */
  readonly standIns: readonly string[]
  readonly paths: readonly DrillPath[]
  readonly scenarios: readonly Scenario[]
  readonly beforeSeconds: number
  readonly afterSeconds: number
  readonly settleSeconds: number
  /** Task that gives the traffic to the gateway named by its argument `to`. */
  readonly restore?: string
}

/** What the inventory says of drills on the hosts of a pair. */
export type DrillTerms = {
  /** Nobody depends on it: no window, and no confirmation. */
  readonly isLab: boolean
  /** The program of the control machine that pulls cables and switches power. */
  readonly hands?: readonly string[]
  readonly windows: readonly string[]
  readonly costPerHour?: number
  readonly currency: string
}

/** A time in which nothing came, in milliseconds of the drill's clock (Unix time of the control machine). */
export type Gap = {readonly fromMs: number; readonly toMs: number; readonly lost: number}

/** One direction of a path: what the receiving end counted. */
export type Direction = {
  readonly way: 'out' | 'back' | 'there and back'
  readonly sent: number
  readonly lost: number
  readonly duplicates: number
  readonly reordered: number
  /** The longest silence of the path: see silence.ts. */
  readonly gapMs: number
  /** The longest time in which a probe itself stood still; it is no part of a silence. */
  readonly pauseMs: number
  /** Silences of three periods and more, in order. */
  readonly gaps: readonly Gap[]
}

export type SessionCount = {
  readonly opened: number
  readonly survived: number
  readonly reset: number
  readonly timedOut: number
  readonly longestStallMs: number
}
/** New connections, one after the other. */
export type AttemptCount = {
  readonly kind: 'http' | 'dns'
  readonly made: number
  readonly failed: number
  readonly longestMs: number
}

export type PathResult = {
  readonly name: string
  readonly from: string
  readonly to?: string
  readonly periodMs: number
  readonly directions: readonly Direction[]
  readonly sessions?: SessionCount
  readonly attempts: readonly AttemptCount[]
  readonly isTunnel?: boolean
  /** Its own budget, where that is more than the scenario's. */
  readonly budgetMs?: number
  /** Said where something could not be measured. */
  readonly note?: string
}

/** A line of a journal that means something for the failover. */
export type ProtocolEvent = {
  readonly atMs: number
  readonly host: string
  readonly kind: string
  readonly text: string
  /** What is wrong with a pair that says so. */
  readonly wrong?: string
}

export type Verdict = 'passed' | 'failed' | 'left out' | 'not run'

export type ScenarioResult = {
  readonly id: string
  readonly title: string
  readonly breaks: string
  readonly verdict: Verdict
  /** Why it failed or was left out: sentences for an operator. */
  readonly because: readonly string[]
  /** Names of the paths that the budget holds for. */
  readonly counted?: readonly string[]
  readonly budgetMs: number
  readonly goalMs?: number
  readonly goalMissed: boolean
  readonly faults: readonly string[]
  readonly startMs: number
  readonly faultMs: number
  readonly healMs: number
  readonly endMs: number
  readonly holderBefore: string
  readonly holderDuring: string
  readonly holderAfter: string
  /** From the fault to the first protocol that noticed it, and to the first packet that came through again. */
  readonly detectMs?: number
  readonly repairMs?: number
  readonly paths: readonly PathResult[]
  readonly events: readonly ProtocolEvent[]
}

/** What was on a host, section by section, for the comparison of before and after. */
export type HostState = Readonly<Record<string, readonly string[]>>
export type StateChange = {
  readonly host: string
  readonly section: string
  readonly gone: readonly string[]
  readonly new: readonly string[]
}

/** Everything a report says. Plain data: the HTML page and JUnit are made from it and from nothing else. */
export type DrillResult = {
  readonly version: 1
  readonly run: string
  readonly engine: string
  readonly pair: string
  readonly site?: string
  readonly operator: string
  readonly hosts: readonly {readonly name: string; readonly checks: readonly GateCheck[]}[]
  readonly startedMs: number
  readonly endedMs: number
  readonly isLab: boolean
  readonly isInterrupted: boolean
  /** Largest uncertainty of a host's clock against the control machine's. */
  readonly clockMs: number
  readonly scenarios: readonly ScenarioResult[]
  readonly stateChanges: readonly StateChange[]
  readonly costPerHour?: number
  readonly currency: string
}
