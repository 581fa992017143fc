import {alsoAt, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {pairsOf} from './pairs.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Role -> hosts that it is applied to, and where it is said. */
export type AppliedRoles = ReadonlyMap<string, ReadonlyMap<string, Position | undefined>>

/** The roles of a site are applied to both gateways of a pair. */
export const checkPairRoles = (hosts: readonly PreflightHost[], roles: AppliedRoles, findings: Findings): void => {
  for (const [pair, members] of pairsOf(hosts))
    for (const [role, applied] of roles) {
      const has = members.find(({name}) => applied.has(name))
      if (!has) continue
      const at = applied.get(has.name)
      for (const lacks of members.filter(({name}) => !applied.has(name)))
        findings.add({
          rule: 'pair-roles',
          what: `the role '${role}' is applied to ${has.name} and not to ${lacks.name} of the pair '${pair}'`,
          why: `${lacks.name} could not do the same when it takes over`,
          fix: `name both hosts in the site playbook, or take ${lacks.name} out of the pair`,
          ...(at && {at}),
          ...alsoAt(spotOf(lacks.values, 'pair')?.value, at, `its pair is`),
        })
    }
}
