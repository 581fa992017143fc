import {isAddress} from '../addresses.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Flow} from '../offer.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'

/** What roles want to be let through can come: over a link that is there, between addresses, to a port if it has one. */
export const checkFlows = (
  hosts: readonly PreflightHost[],
  offers: readonly PlacedOffer[],
  findings: Findings,
): void => {
  const tunnels = offersOf(offers, 'tunnel')
  const linksOf = new Map(
    hosts.map(({name, host}) => [
      name,
      [...Object.keys(host.links), ...tunnels.flatMap(each => (each.host === name ? [each.offer.device] : []))],
    ]),
  )
  for (const {offer, host, role, at} of offersOf(offers, 'flow'))
    for (const {rule, what, fix} of problemsOf(offer, linksOf.get(host) ?? []))
      findings.add({
        rule,
        what: `the role '${role}' asks for ${offer.purpose} (${offer.protocol}) ${what}`,
        fix,
        host,
        ...(at && {at}),
      })
}

type Problem = {readonly rule: string; readonly what: string; readonly fix: string}

const problemsOf = ({link, from, to = [], protocol, port}: Flow, links: readonly string[]): Problem[] => {
  const found: Problem[] = []
  if (link !== undefined && !links.includes(link))
    found.push({
      rule: 'flow-link',
      what: `on the link '${link}', which this host does not have`,
      fix: `its links are ${links.join(', ') || 'none'}`,
    })
  const unreadable = [...from, ...to].find(address => !isAddress(address))
  if (unreadable !== undefined)
    found.push({
      rule: 'flow-address',
      what: `with '${unreadable}', which is neither an address nor a prefix`,
      fix: 'for example 10.10.0.3 or 10.10.0.0/24',
    })
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  if (port !== undefined && (!hasPorts || !Number.isInteger(port) || port < 1 || port > 65535))
    found.push({
      rule: 'flow-port',
      what: `with the port ${port}`,
      fix: hasPorts ? 'ports are 1 to 65535' : 'only tcp and udp have ports',
    })
  return found
}
