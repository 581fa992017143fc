import type {Mode, Reporter} from '../events.ts'
import type {AuditDesk} from '../playbook/audit-play.ts'
import type {DrillDesk} from '../playbook/drill-play.ts'
import {exitCodes} from '../playbook/exit-code.ts'
import type {Fleet} from '../playbook/model.ts'
import {runFleet} from '../playbook/run.ts'
import {emitter} from '../reporters/emit.ts'
import {connectFor} from './connect-for.ts'
import type {RunFlags} from './flags.ts'
import {onInterrupt} from './interrupt.ts'
import type {Io} from './io.ts'
import {junitFor} from './junit-for.ts'
import {type MakeReporter, reporterFor, untilGone} from './reporter-for.ts'

export type ReportedRun = {
  readonly mode: Mode
  readonly flags: RunFlags
  readonly io: Io
  readonly command: string
  readonly reporter?: MakeReporter
  /** They see the same events. */
  readonly also?: readonly Reporter[]
  /** For plays with a drill. */
  readonly desk?: DrillDesk
  /** For plays with an audit. */
  readonly auditDesk?: AuditDesk
}

/** Runs a fleet in front of a user: reporter, secrets, interruption. Resolves with the exit code. */
export const runReported = async (
  fleet: Fleet,
  {mode, flags, io, command, reporter, also = [], desk, auditDesk}: ReportedRun,
): Promise<number> => {
  let note = (text: string): void => void io.stderr.write(`${text}\n`)
  using interrupt = onInterrupt(io.signals, text => note(text))
  // A reader that went away ends a check; an apply goes on, because half of it is worse than an unseen end.
  const output = untilGone(io.stdout, () => mode === 'check' && interrupt.abort())
  const shown = await reporterFor(output, flags, io, reporter)
  const screen = flags.profile ? (await import('../reporters/profiled.ts')).profiled(shown) : shown
  const report = await junitFor(flags, io)
  if (screen.note) note = text => screen.note?.(text)
  const connect = await connectFor(fleet, io, text => note(text))
  const run = runFleet({
    fleet,
    mode,
    connect,
    emit: emitter([screen, ...report, ...also]),
    forks: flags.forks,
    signal: interrupt.signal,
    command,
    live: flags.verbose > 0,
    ...(flags.strict && {strict: true}),
    ...(desk && {drillDesk: desk}),
    ...(auditDesk && {auditDesk}),
    ...(flags.forceSick !== undefined && {forceSick: flags.forceSick}),
    ...(flags.lockWait !== undefined && {lockWaitSeconds: flags.lockWait}),
  })
  try {
    return await Promise.race([run, interrupt.forced.then(() => exitCodes.interrupted)])
  } finally {
    await screen.close?.()
    for (const each of report) await each.close?.()
  }
}
