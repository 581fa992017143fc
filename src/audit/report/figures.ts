import {type AuditRecord, type AuditResult, severities, type Verdict} from '../model.ts'

export const verdicts = ['fail', 'not evaluated', 'waived', 'pass'] as const

export const countOf = (records: readonly AuditRecord[], verdict: Verdict): number =>
  records.filter(each => each.verdict === verdict).length

/** `3 failed, 2 not evaluated, 1 waived, 40 passed` */
export const countText = (records: readonly AuditRecord[]): string => {
  const words = {fail: 'failed', 'not evaluated': 'not evaluated', waived: 'waived', pass: 'passed'}
  return verdicts
    .filter(verdict => verdict === 'pass' || countOf(records, verdict) > 0)
    .map(verdict => `${countOf(records, verdict)} ${words[verdict]}`)
    .join(', ')
}

/** The worst first: by severity, then in the order of the playbook. */
export const failuresOf = ({records}: Pick<AuditResult, 'records'>): readonly AuditRecord[] =>
  severities.flatMap(severity => records.filter(each => each.verdict === 'fail' && each.severity === severity))
