import type {CheckedHost} from '../playbook/fleet-hosts.ts'
import type {Findings} from '../playbook/findings.ts'
import {checkAddresses} from './addresses.ts'
import {checkPairs} from './pairs.ts'
import {checkTargets} from './targets.ts'

/** Rules over all hosts together, before the first connection. */
export const preflight = (hosts: readonly CheckedHost[], findings: Findings): void => {
  checkTargets(hosts, findings)
  checkPairs(hosts, findings)
  checkAddresses(hosts, findings)
}
