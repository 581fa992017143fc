import type {LiveProblem} from 'gatewright'
import {type Context, ownMacs} from './found.ts'
import {multicastIds, sharedLinks, virtualAddresses} from './segments.ts'
import {bare, canonical} from './subnet.ts'
import {addressLinks} from './view.ts'

/** Somebody else in a segment has what shall be ours. */
export const strangerProblems = (context: Context): LiveProblem[] => {
  const macs = ownMacs(context)
  return macs === undefined
    ? []
    : [...takenAddresses(context, macs), ...takenPeers(context, macs), ...takenIds(context, macs)]
}

type Macs = ReadonlySet<string>

/** A virtual address that somebody else answers for, before it is there twice. */
const takenAddresses = ({vars, host, facts}: Context, macs: Macs): LiveProblem[] =>
  virtualAddresses(vars).flatMap(({address, link, variable}) =>
    answersFor(facts, host.links[link]?.device, [address])
      .filter(({mac}) => !macs.has(mac))
      .map(({mac, device}) => ({
        rule: 'vrrp-address-taken',
        variable,
        what: `${canonical(address)} is answered for by ${mac} on ${device}, which is no gateway of this pair`,
        fix: 'take it from that machine, or choose another address',
      })),
  )

/** An address of the peer that somebody else has too. */
const takenPeers = ({vars, host, facts, peers}: Context, macs: Macs): LiveProblem[] =>
  peers.flatMap(peer =>
    sharedLinks(vars).flatMap(link =>
      answersFor(facts, host.links[link]?.device, peer.links[link]?.addresses ?? [])
        .filter(({mac}) => !macs.has(mac))
        .map(({address, mac, device}) => ({
          rule: 'vrrp-peer-address',
          variable: addressLinks(vars).includes(link) ? 'addresses' : 'sync_link',
          what: `${bare(address)} of ${peer.name} is answered for by ${mac} on ${device}, which is no device of it`,
          fix: `take it from that machine, or correct links.${link} of ${peer.name}`,
          also: {host: peer.name},
        })),
    ),
  )

const answersFor = ({answers}: Context['facts'], device: string | undefined, addresses: readonly string[]) => {
  const wanted = new Set(addresses.map(canonical))
  return answers.flatMap(({mac, ...each}) =>
    mac !== undefined && each.device === device && wanted.has(canonical(each.address)) ? [{...each, mac}] : [],
  )
}

/** A VRID that another router of the segment speaks already: each would take the other for its peer. */
const takenIds = ({vars, host, facts}: Context, macs: Macs): LiveProblem[] =>
  multicastIds(vars).flatMap(({link, family, id, variable}) =>
    facts.adverts
      .filter(heard => heard.vrid === id && heard.family === family && heard.device === host.links[link]?.device)
      .filter(({mac}) => !macs.has(mac))
      .map(({device, source, mac}) => ({
        rule: 'vrrp-router-id-taken',
        variable,
        what: `${source} (${mac}) speaks VRRP with the identifier ${id} on ${device}, and is no gateway of this pair`,
        fix: 'choose another identifier on both gateways, or stop that router',
      })),
  )
