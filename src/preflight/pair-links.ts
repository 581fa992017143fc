import {isAddress, isPointToPoint, isSameSubnet} from '../addresses.ts'
import {alsoAt, type Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {placeOf, spotOf} from '../diagnostics/positions.ts'
import {pairsOf} from './pairs.ts'
import type {PreflightHost} from './preflight-host.ts'

/** What one gateway can do the other can do too: the same links, in the same subnets. */
export const checkPairLinks = (hosts: readonly PreflightHost[], findings: Findings): void => {
  for (const [first, ...others] of pairsOf(hosts).values())
    for (const other of others) {
      if (!first) continue
      for (const [here, there] of [
        [first, other],
        [other, first],
      ] as const)
        for (const name of Object.keys(there.host.links))
          if (!here.host.links[name]) addMissing(name, here, there, findings)
      for (const name of Object.keys(first.host.links))
        if (other.host.links[name]) checkSubnets(name, first, other, findings)
    }
}

const placeOfLink = ({values, at}: PreflightHost, ...path: string[]): Position | undefined =>
  placeOf(values, ['links', ...path], true) ?? spotOf(values, 'links')?.key ?? at

const addMissing = (name: string, here: PreflightHost, there: PreflightHost, findings: Findings): void => {
  const at = placeOfLink(here)
  findings.add({
    rule: 'pair-links',
    what: `${here.name} has no link '${name}', which its peer ${there.name} has`,
    why: 'what came in there would be lost when it takes over',
    fix: 'add it, or give the same link the same name on both; the devices may differ',
    host: here.name,
    ...(at && {at}),
    ...alsoAt(placeOfLink(there, name), at, 'that one is'),
  })
}

/** A line to a provider may have a subnet for each gateway; it has room for two. */
const checkSubnets = (name: string, first: PreflightHost, other: PreflightHost, findings: Findings): void => {
  const shared = ({host}: PreflightHost): readonly string[] =>
    (host.links[name]?.addresses ?? []).filter(address => isAddress(address) && !isPointToPoint(address))
  for (const [here, there] of [
    [other, first],
    [first, other],
  ] as const)
    for (const address of shared(here)) {
      if (shared(there).some(theirs => isSameSubnet(address, theirs))) continue
      const index = here.host.links[name]?.addresses.indexOf(address) ?? 0
      const at = placeOf(here.values, ['links', name, 'addresses', index]) ?? placeOfLink(here, name)
      findings.add({
        rule: 'pair-subnets',
        what: `${address} of the link '${name}' is in a subnet in which ${there.name} has no address`,
        why: `${there.name} has ${there.host.links[name]?.addresses.join(', ') || 'none'} there, and could not take over`,
        fix: 'correct the address, the prefix length or the name of the link',
        host: here.name,
        ...(at && {at}),
        ...alsoAt(placeOfLink(there, name), at, 'that one is'),
      })
    }
}
