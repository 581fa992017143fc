import type {Findings} from '../diagnostics/findings.ts'
import {checkAddresses} from './addresses.ts'
import {checkPairs} from './pairs.ts'
import type {PreflightHost} from './preflight-host.ts'
import {checkTargets} from './targets.ts'

/** Rules over all hosts together, before the first connection. */
export const preflight = (hosts: readonly PreflightHost[], findings: Findings): void => {
  checkTargets(hosts, findings)
  checkPairs(hosts, findings)
  checkAddresses(hosts, findings)
}
