import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {parseKey} from '../resources/sysctl-key.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'

/** Roles of one host want one value of a kernel parameter: a reverse path filter is loose for both or for none. */
export const checkKernelParameters = (offers: readonly PlacedOffer[], findings: Findings): void => {
  const byKey = Map.groupBy(offersOf(offers, 'sysctl'), ({offer, host}) => `${host} ${parseKey(offer.key).path}`)
  for (const [first, ...others] of byKey.values())
    for (const {offer, host, role, at} of others) {
      if (!first || String(offer.value) === String(first.offer.value)) continue
      findings.add({
        rule: 'sysctl-contradiction',
        what: `the role '${role}' needs ${offer.key} to be ${offer.value}, and '${first.role}' needs ${first.offer.value}`,
        why:
          [offer.reason, first.offer.reason].filter(Boolean).join('; against: ') || 'the last one to set it would win',
        fix: 'change the variables of one of them, or take one of them from this host',
        host,
        ...(at && {at}),
        ...alsoAt(first.at, at),
      })
    }
}
