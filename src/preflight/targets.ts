import type {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Two names for one machine would be changed twice at the same time. */
export const checkTargets = (hosts: readonly PreflightHost[], findings: Findings): void => {
  const seen = new Map<string, string>()
  for (const {name, target, values, at} of hosts) {
    const key = `${target.address} port ${target.port}`
    const first = seen.get(key)
    seen.set(key, first ?? name)
    if (first === undefined) continue
    const place = spotOf(values, 'ansible_host')?.value ?? spotOf(values, 'ansible_port')?.value ?? at
    findings.add({
      rule: 'same-target',
      what: `${name} and ${first} are the same machine: both are ${key}`,
      fix: 'correct ansible_host or ansible_port of one of them',
      ...(place && {at: place}),
    })
  }
}
