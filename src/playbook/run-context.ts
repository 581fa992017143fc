import type {Emit, Mode} from '../events.ts'
import type {HostFailure} from '../executor/host-failure.ts'
import type {HostRun} from '../executor/host-run.ts'
import type {Connect} from '../transport/transport.ts'
import type {AuditDesk} from './audit-play.ts'
import type {DrillDesk} from './drill-play.ts'
import type {Gates} from './gates.ts'
import type {Gathering} from './gathering.ts'
import type {Fleet} from './model.ts'
import type {PlanHosts} from './plan-hosts.ts'
import type {RunHosts} from './run-hosts.ts'
import type {Semaphore} from './semaphore.ts'

export type RunOptions = {
  readonly fleet: Fleet
  readonly mode: Mode
  readonly connect: Connect
  readonly emit: Emit
  /** Hosts worked on at the same time. */
  readonly forks: number
  readonly signal: AbortSignal
  /** What the user typed, for the record. */
  readonly command: string
  /** `unknown` is a failure. */
  readonly strict?: boolean
  readonly lockWaitSeconds?: number
  /** Why gateways are changed although their peer is sick. */
  readonly forceSick?: string
  /** Tells what steps print while they run. */
  readonly live?: boolean
  /** What drills need of this machine; without it a play with a drill is refused. */
  readonly drillDesk?: DrillDesk
  /** What audits need of it; without it a play with an audit is planned and nothing more. */
  readonly auditDesk?: AuditDesk
}

export type HostState = {readonly run: HostRun; failure?: HostFailure}

/** What the parts of a run share. */
export type RunContext = RunOptions & {
  readonly states: ReadonlyMap<string, HostState>
  readonly hosts: RunHosts
  readonly turns: Semaphore
  readonly gathering: Gathering
  readonly planned: ReadonlyMap<string, Promise<void>>
  readonly plans: PlanHosts
  readonly gates: Gates
  readonly runId: string
}
