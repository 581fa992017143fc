import {exitCodes} from '../playbook/exit-code.ts'

const texts: Readonly<Record<number, string>> = {
  [exitCodes.ok]: 'everything is as desired',
  [exitCodes.defect]: 'a defect of gatewright itself',
  [exitCodes.changesPending]: 'changes are pending (check mode)',
  [exitCodes.failed]: 'a host failed, or with --strict something is unknown until applied',
  [exitCodes.unreachable]: 'a host could not be reached, its key was wrong or it refused the login',
  [exitCodes.invalidInput]: 'wrong usage or invalid input; nothing was connected',
  [exitCodes.refused]: 'refused: what was found does not allow the run',
  [exitCodes.rolledBack]: 'a change that no new login confirmed was rolled back on a host',
  [exitCodes.interrupted]: 'interrupted',
}

const auditTexts: Readonly<Record<number, string>> = {
  [exitCodes.ok]: 'no control failed',
  [exitCodes.changesPending]: 'all that failed is drift: gatewright play mends it',
  [exitCodes.failed]: 'a control failed that gatewright play does not mend',
}

/** What an exit code means, in words. `failed`: a host did, so that 3 does not come from --strict. */
export const exitText = (
  code: number,
  {failed = true, isAudit = false}: {failed?: boolean; isAudit?: boolean} = {},
): string => {
  const audit = isAudit ? auditTexts[code] : undefined
  if (audit !== undefined && (code !== exitCodes.failed || !failed)) return audit
  if (code === exitCodes.failed) return failed ? 'a host failed' : 'something is unknown until applied (--strict)'
  return texts[code] ?? 'unknown'
}

/** The table of exit codes in help texts. */
export const exitTable = (): string =>
  Object.entries(texts)
    .map(([code, text]) => `  ${code.padStart(3)}  ${text}`)
    .join('\n')
