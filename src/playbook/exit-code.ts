import type {HostStatus, HostSummary, Mode} from '../events.ts'

/** Exit codes, as the command line documents them. 1 is left to defects of gatewright itself. */
export const exitCodes = {
  ok: 0,
  defect: 1,
  changesPending: 2,
  failed: 3,
  unreachable: 4,
  invalidInput: 5,
  refused: 6,
  rolledBack: 7,
  interrupted: 130,
} as const

/** The first that applies: interrupted, rolled back, refused, failed, unreachable, changes pending (check mode), ok. */
export const exitCodeOf = (
  hosts: readonly HostSummary[],
  {mode, interrupted, strict}: {mode: Mode; interrupted: boolean; strict: boolean},
): number => {
  const some = (...statuses: HostStatus[]): boolean => hosts.some(({status}) => statuses.includes(status))
  if (interrupted || some('interrupted')) return exitCodes.interrupted
  if (some('rolled back')) return exitCodes.rolledBack
  if (some('refused')) return exitCodes.refused
  if (some('failed') || (strict && hosts.some(({counts}) => counts.unknown > 0))) return exitCodes.failed
  if (some('unreachable')) return exitCodes.unreachable
  if (mode === 'check' && some('changed')) return exitCodes.changesPending
  return exitCodes.ok
}
