import {alsoAt, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Two names for one machine would be changed twice at the same time. */
export const checkTargets = (hosts: readonly PreflightHost[], findings: Findings): void => {
  const seen = new Map<string, PreflightHost>()
  for (const host of hosts) {
    const key = `${host.target.address} port ${host.target.port}`
    const first = seen.get(key)
    seen.set(key, first ?? host)
    if (first === undefined) continue
    const place = placeOfTarget(host)
    findings.add({
      rule: 'same-target',
      what: `${host.name} and ${first.name} are the same machine: both are ${key}`,
      fix: 'correct ansible_host or ansible_port of one of them',
      ...(place && {at: place}),
      ...alsoAt(placeOfTarget(first), place),
    })
  }
}

/** Where it is written how a host is reached. */
export const placeOfTarget = ({values, at}: PreflightHost): Position | undefined =>
  spotOf(values, 'ansible_host')?.value ?? spotOf(values, 'ansible_port')?.value ?? at
