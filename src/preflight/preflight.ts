import type {Findings} from '../diagnostics/findings.ts'
import {checkAddresses} from './addresses.ts'
import {checkClaims} from './claims.ts'
import {checkFlows} from './flows.ts'
import {checkKernelParameters} from './kernel-parameters.ts'
import {checkLinkSubnets} from './link-subnets.ts'
import {checkMutualFlows} from './mutual-flows.ts'
import {checkPairLinks} from './pair-links.ts'
import {type AppliedRoles, checkPairRoles} from './pair-roles.ts'
import {checkPairs} from './pairs.ts'
import type {PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'
import {checkStandIns} from './stand-ins.ts'
import {checkTargets} from './targets.ts'
import {checkTunnels} from './tunnels.ts'
import {checkVirtualAddresses} from './virtual-addresses.ts'

export type Topology = {
  readonly hosts: readonly PreflightHost[]
  readonly offers: readonly PlacedOffer[]
  /** Of a project with a site playbook: what that and the running one apply. */
  readonly roles: AppliedRoles
}

/** Rules over all hosts together, before the first connection. */
export const preflight = ({hosts, offers, roles}: Topology, findings: Findings): void => {
  checkTargets(hosts, findings)
  checkPairs(hosts, findings)
  checkStandIns(hosts, findings)
  checkPairLinks(hosts, findings)
  checkPairRoles(hosts, roles, findings)
  checkAddresses(hosts, findings)
  checkLinkSubnets(hosts, findings)
  checkVirtualAddresses(hosts, offers, findings)
  checkClaims(hosts, offers, findings)
  checkFlows(hosts, offers, findings)
  checkMutualFlows(hosts, offers, findings)
  checkKernelParameters(offers, findings)
  checkTunnels(hosts, offers, findings)
}
