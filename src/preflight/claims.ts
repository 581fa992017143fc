import {isAddress, overlaps} from '../addresses.ts'
import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Claim} from '../offer.ts'
import type {Host} from '../role.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'

/** What only one may have has one owner. */
export const checkClaims = (
  hosts: readonly PreflightHost[],
  offers: readonly PlacedOffer[],
  findings: Findings,
): void => {
  const hostOf = new Map(hosts.map(each => [each.name, each.host]))
  const claims = offersOf(offers, 'claim')
  const comparable = Map.groupBy(claims, ({offer: {what, within}}) => `${what} ${within}`)
  for (const all of comparable.values())
    for (const [index, later] of all.entries()) {
      const first = all
        .slice(0, index)
        .find(each => collide(each.offer, later.offer) && !takeTurns(hostOf.get(each.host), hostOf.get(later.host)))
      if (!first) continue
      const {what, value, within, owner} = later.offer
      const mine = value === first.offer.value ? '' : `, which has ${first.offer.value}`
      findings.add({
        rule: 'claimed-twice',
        what: `the ${what} ${value} of ${owner} is also that of ${first.offer.owner}${mine}`,
        why: `within ${within} only one can have it`,
        fix: 'give one of them another',
        host: later.host,
        ...(later.at && {at: later.at}),
        ...alsoAt(first.at, later.at),
      })
    }
}

/** One stands in for the other when that is lost: they have it one after the other. */
const takeTurns = (one: Host | undefined, other: Host | undefined): boolean =>
  (one?.standsInFor !== undefined && one.standsInFor === other?.pair) ||
  (other?.standsInFor !== undefined && other.standsInFor === one?.pair)

const collide = (one: Claim, other: Claim): boolean => {
  if (one.owner === other.owner) return false
  if (one.what === 'prefix' && isAddress(one.value) && isAddress(other.value)) return overlaps(one.value, other.value)
  if (one.what === 'virtual address') return withoutLength(one.value) === withoutLength(other.value)
  if (one.what === 'mark') return (bitsOf(one.value) & bitsOf(other.value)) !== 0n
  return one.value === other.value
}

const withoutLength = (address: string): string => address.split('/')[0] ?? address

/** The bits that a mark uses: those of its mask, else its own. */
const bitsOf = (mark: string): bigint => {
  const bits = mark.split('/').at(-1) ?? ''
  return /^(0x[\da-f]+|\d+)$/i.test(bits) ? BigInt(bits) : 0n
}
