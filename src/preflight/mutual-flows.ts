import {contains, overlaps} from '../addresses.ts'
import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Flow} from '../offer.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'

/** What either end may begin is let in at both ends: a gateway that hears and is not heard looks well to itself alone. */
export const checkMutualFlows = (
  hosts: readonly PreflightHost[],
  offers: readonly PlacedOffer[],
  findings: Findings,
): void => {
  const flows = offersOf(offers, 'flow')
  for (const {offer, host, role, at} of flows.filter(each => each.offer.isMutual === true))
    for (const far of hosts) {
      const sources = offer.from.filter(address => hasAddress(far, address))
      const theirs = flows.filter(each => each.host === far.name && each.role === role)
      const own = hosts.find(({name}) => name === host)
      if (far.name === host || !own || sources.length === 0 || theirs.length === 0) continue
      if (theirs.some(each => isSameService(each.offer, offer) && lets(each.offer, far, addressesOn(own, offer.link))))
        continue
      const place = theirs[0]?.at
      findings.add({
        rule: 'flow-one-way',
        what: `${host} lets in ${offer.purpose} (${serviceOf(offer)}) from ${sources.join(', ')} of ${far.name}, and ${far.name} lets in none from ${host}`,
        why: 'either end may begin it',
        fix: `give the role '${role}' the other end on ${far.name} too`,
        host,
        ...(at && {at}),
        ...alsoAt(place, at),
      })
    }
}

const serviceOf = ({protocol, port}: Flow): string => (port === undefined ? protocol : `${protocol} ${port}`)
const isSameService = (one: Flow, other: Flow): boolean => serviceOf(one) === serviceOf(other)

const bare = (address: string): string => address.split('/')[0] ?? address
const addressesOn = ({host}: PreflightHost, link: string | undefined): readonly string[] =>
  (link === undefined ? Object.values(host.links) : [host.links[link]]).flatMap(each => each?.addresses ?? []).map(bare)

/** A single address of one of its links; prefixes are nobody's. */
const hasAddress = ({host}: PreflightHost, address: string): boolean =>
  !address.includes('/') &&
  Object.values(host.links).some(({addresses}) => addresses.some(own => overlaps(bare(own), address)))

/** Whether a packet from one of these addresses comes in by a flow, on its link. */
const lets = ({from, link}: Flow, {host}: PreflightHost, sources: readonly string[]): boolean =>
  sources.some(
    source =>
      (from.length === 0 || from.some(each => overlaps(each, source))) &&
      (link === undefined ||
        from.length > 0 ||
        host.links[link]?.addresses.some(own => contains(own, source)) === true),
  )
