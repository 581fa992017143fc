import type {AuditResult} from './model.ts'

/** As of check mode: changes pending, and failed (the playbook's exit codes). */
const [drift, failed] = [2, 3]

/**
 * Of a run with audits: 3 when something failed that `gatewright play` does not mend, 2 when all that failed is drift. What else
 * stopped the run (`found`) stays what it is; a difference that no control fails for, or that is waived, is no failure.
 */
export const exitCodeOfAudit = (found: number, audits: readonly AuditResult[]): number => {
  const failures = audits.flatMap(({records}) => records.filter(({verdict}) => verdict === 'fail'))
  if (found !== 0 && found !== drift) return found
  if (failures.some(({isDrift}) => !isDrift)) return failed
  return failures.length > 0 ? drift : 0
}
