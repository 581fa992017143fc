import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {PreflightHost} from './preflight-host.ts'

/** Pair -> its hosts. */
export const pairsOf = (hosts: readonly PreflightHost[]): ReadonlyMap<string, readonly PreflightHost[]> =>
  Map.groupBy(
    hosts.filter(({host}) => host.pair !== undefined),
    ({host}) => host.pair ?? '',
  )

/** A pair is two hosts at least, and all of them are at one site. */
export const checkPairs = (hosts: readonly PreflightHost[], findings: Findings): void => {
  const pairs = pairsOf(hosts)
  for (const [pair, members] of pairs) {
    const [first] = members
    if (!first) continue
    if (members.length === 1) {
      const at = spotOf(first.values, 'pair')?.value
      const near = nearest(
        pair,
        [...pairs.keys()].filter(other => other !== pair),
      )
      findings.add({
        rule: 'pair-of-one',
        what: `the pair '${pair}' has only one host`,
        why: 'nothing would take over when it fails',
        fix:
          near === undefined
            ? 'give the other host the same pair, or remove the variable from a host without peer'
            : `did you mean '${near}'?`,
        host: first.name,
        ...(at && {at}),
      })
    }
    const other = members.find(({host}) => host.site !== first.host.site)
    if (other) {
      const place = ({values}: PreflightHost) => (spotOf(values, 'site') ?? spotOf(values, 'pair'))?.value
      const at = place(other)
      findings.add({
        rule: 'pair-across-sites',
        what: `the pair '${pair}' has hosts at two sites: ${first.name} at ${first.host.site ?? 'none'}, ${other.name} at ${other.host.site ?? 'none'}`,
        fix: 'give both hosts the same site',
        ...(at && {at}),
        ...alsoAt(place(first), at),
      })
    }
  }
}
