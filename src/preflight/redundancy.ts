import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import type {Redundancy} from '../offer.ts'
import {chainOf, type PlacedTunnel} from './carriers.ts'
import type {PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'

/** What stands in for a tunnel does not fail with it, gives signs of life in time, and is not carried by itself. */
export const checkRedundancy = (
  {offer, at}: PlacedOffer<Redundancy>,
  all: readonly PlacedTunnel[],
  {name, host}: PreflightHost,
  findings: Findings,
): void => {
  const tunnels = all.filter(tunnel => offer.devices.includes(tunnel.offer.device))
  const linkOf = (tunnel: PlacedTunnel): string | undefined => chainOf(tunnel, all, host).chain.at(-1)?.offer.link
  for (const [index, tunnel] of tunnels.entries()) {
    const {device, keepalive, endpoints} = tunnel.offer
    const where = {host: name, ...(tunnel.at && {at: tunnel.at})}
    const first = tunnels.slice(0, index).find(other => linkOf(other) === linkOf(tunnel))
    const link = linkOf(tunnel)
    if (first)
      findings.add({
        rule: 'tunnels-on-one-link',
        what: `${first.offer.device} and ${device} of ${offer.name} both leave by ${link === undefined ? "the main table's default route" : `the link '${link}'`}`,
        why: 'both are gone when that is',
        fix: 'give each a link of its own',
        ...where,
        ...alsoAt(first.at, tunnel.at),
      })
    if (keepalive >= offer.heartbeat)
      findings.add({
        rule: 'tunnel-heartbeat',
        what: `${device} gives a sign of life each ${keepalive} s, and ${offer.name} asks for one within ${offer.heartbeat} s`,
        fix: 'shorten its keepalive (5 to 9 s with WireGuard, 3 s with OpenVPN), or raise the heartbeat',
        ...where,
        ...alsoAt(at, tunnel.at, 'that is asked'),
      })
    if (offer.carriesOwn && endpoints.length === 0)
      findings.add({
        rule: 'tunnel-into-itself',
        what: `${offer.name} leads the gateway's own packets into ${device}, and the far end of that is not known beforehand`,
        why: 'its own packets would go into it as well, and none would ever leave the host',
        fix: 'name its far end by an address, or leave own traffic to another policy',
        ...where,
        ...alsoAt(at, tunnel.at, 'the policy is'),
      })
  }
}
