import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {placeOf} from '../diagnostics/positions.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'
import {placeOfTarget} from './targets.ts'

/** An address that moves between hosts is that of none of them, and the engine reaches none by it. */
export const checkVirtualAddresses = (
  hosts: readonly PreflightHost[],
  offers: readonly PlacedOffer[],
  findings: Findings,
): void => {
  for (const {offer, at, host: owner} of offersOf(offers, 'claim')) {
    if (offer.what !== 'virtual address') continue
    const [virtual = ''] = offer.value.split('/')
    const site = hosts.find(({name}) => name === owner)?.host.site
    for (const host of hosts.filter(each => each.host.site === site)) {
      const place = placeOfTarget(host)
      if (host.target.address === virtual)
        findings.add({
          rule: 'managed-by-virtual-address',
          what: `${host.name} is reached by ${virtual}, the virtual address of ${offer.owner}`,
          why: 'it leads to whichever gateway is master, and a change could cut the connection that makes it',
          fix: 'set ansible_host to an address that the host keeps',
          host: host.name,
          ...(place && {at: place}),
          ...alsoAt(at, place, 'the virtual address is'),
        })
      for (const [link, {addresses}] of Object.entries(host.host.links))
        for (const [index, address] of addresses.entries()) {
          if (address.split('/')[0] !== virtual) continue
          const here = placeOf(host.values, ['links', link, 'addresses', index]) ?? host.at
          findings.add({
            rule: 'same-address',
            what: `the address ${address} of the link '${link}' is also the virtual address of ${offer.owner}`,
            why: 'two machines at one site would answer for it',
            fix: 'correct one of them',
            host: host.name,
            ...(here && {at: here}),
            ...alsoAt(at, here),
          })
        }
    }
  }
}
