import {networkOf, overlaps} from '../addresses.ts'
import {alsoAt} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {placeOf} from '../diagnostics/positions.ts'
import type {Tunnel} from '../offer.ts'
import type {Host} from '../role.ts'
import {chainOf, type PlacedTunnel, tunnelsOf} from './carriers.ts'
import {offersOf, type PlacedOffer} from './placed-offer.ts'
import type {PreflightHost} from './preflight-host.ts'
import {checkRedundancy} from './redundancy.ts'

/** Ethernet (IEEE 802.3): of a link that does not say otherwise. */
const usualMtu = 1500

/** The tunnels of each host, whichever roles make them: what they carry fits, and their own packets find another way out. */
export const checkTunnels = (
  hosts: readonly PreflightHost[],
  offers: readonly PlacedOffer[],
  findings: Findings,
): void => {
  for (const host of hosts) {
    const tunnels = tunnelsOf(offers, host.name)
    for (const [index, tunnel] of tunnels.entries()) {
      const before = tunnels.slice(0, index)
      const {chain, back} = chainOf(tunnel, tunnels, host.host)
      // Each loop once.
      if (back === tunnel && !chain.some(each => before.includes(each))) addLoop(tunnel, chain, host, findings)
      if (!back) checkSize(tunnel, chain[1], host, findings)
      checkNetworks(tunnel, before, host, findings)
    }
    const redundancies = offersOf(offers, 'redundancy').filter(each => each.host === host.name)
    for (const each of redundancies) checkRedundancy(each, tunnels, host, findings)
  }
}

const place = ({at}: {at: PlacedTunnel['at']}) => (at ? {at} : {})

const addLoop = (
  tunnel: PlacedTunnel,
  chain: readonly PlacedTunnel[],
  {name}: PreflightHost,
  findings: Findings,
): void => {
  const {device} = tunnel.offer
  const others = chain.slice(1).map(({offer}) => offer.device)
  findings.add({
    rule: 'tunnel-into-itself',
    what:
      others.length === 0
        ? `the packets of ${device} would go into ${device} itself: ${reasonOf(tunnel.offer)}`
        : `the packets of ${device} would go into ${others.join(', then into ')}, and those of ${others.at(-1)} into ${device}`,
    why: 'none of them would ever leave the host',
    fix: 'name the link that carries it, and a far end outside of all tunnels',
    host: name,
    ...place(tunnel),
    ...alsoAt(chain.at(-1)?.at, tunnel.at),
  })
}

const reasonOf = ({endpoints, addresses, link, device}: Tunnel): string =>
  link === device
    ? 'it names itself as its link'
    : `its far end ${endpoints.join(', ')} is in its own network ${addresses.join(', ')}`

/** MTU of inside + what the tunnel adds <= MTU of what carries it; without a link it has to fit somewhere. */
const checkSize = (
  tunnel: PlacedTunnel,
  carrier: PlacedTunnel | undefined,
  {name, host, values}: PreflightHost,
  findings: Findings,
): void => {
  const {device, mtu, overhead, link} = tunnel.offer
  const sizeOf = (each: string): number => host.links[each]?.mtu ?? usualMtu
  const links = Object.keys(host.links)
  const room = carrier
    ? carrier.offer.mtu
    : link !== undefined
      ? sizeOf(link)
      : Math.max(usualMtu, ...links.map(each => sizeOf(each)))
  if (mtu + overhead <= room) return
  const into = carrier?.offer.device ?? (link === undefined ? 'any link' : `the link '${link}'`)
  findings.add({
    rule: 'tunnel-mtu',
    what: `packets of ${mtu} bytes in ${device} and the ${overhead} that it adds do not fit into ${into} (${room})`,
    why: 'they would be cut into fragments, or be lost where these are not let through',
    fix: `set its MTU to ${room - overhead} or less`,
    host: name,
    ...place(tunnel),
    ...alsoAt(carrier ? carrier.at : placeOfSize(link, host, values), tunnel.at, `that of ${into} is`),
  })
}

const placeOfSize = (link: string | undefined, {links}: Host, values: PreflightHost['values']) =>
  link !== undefined && links[link]
    ? placeOf(values, ['links', link, ...(links[link].mtu === undefined ? [] : ['mtu'])], true)
    : undefined

/** Addresses without a network around them may be shared: such devices are told apart by their far ends. */
const networksOf = (addresses: readonly string[]): readonly string[] =>
  addresses.filter(address => /\/(?!32$|128$)/.test(address) && networkOf(address) !== undefined)

const checkNetworks = (
  tunnel: PlacedTunnel,
  before: readonly PlacedTunnel[],
  {name, host, values}: PreflightHost,
  findings: Findings,
): void => {
  const others = [
    ...before.map(({offer, at}) => ({what: offer.device, addresses: offer.addresses, at})),
    ...Object.entries(host.links)
      .filter(([, {device}]) => device !== tunnel.offer.device)
      .map(([link, {addresses}]) => ({
        what: `the link '${link}'`,
        addresses,
        at: placeOf(values, ['links', link, 'addresses'], true),
      })),
  ]
  for (const own of networksOf(tunnel.offer.addresses))
    for (const {what, addresses, at} of others) {
      const theirs = networksOf(addresses).find(each => overlaps(own, each))
      if (theirs === undefined) continue
      findings.add({
        rule: 'tunnel-networks',
        what: `${own} of ${tunnel.offer.device} overlaps with ${theirs} of ${what}`,
        why: 'packets for one of them would go to the other',
        fix: 'give the tunnel a network of its own',
        host: name,
        ...place(tunnel),
        ...alsoAt(at, tunnel.at),
      })
    }
}
