import {answers, type OfferContext} from 'gatewright'
import {advertsOfOthers} from './on-wire.ts'
import {multicastIds, sharedLinks, virtualAddresses} from './segments.ts'
import {bare, familyOf} from './subnet.ts'
import type {VrrpVars} from './view.ts'

type Context = OfferContext<VrrpVars>

/** What is asked of the wire before anything is changed: who answers for our addresses, and who speaks our VRIDs. */
export const liveFacts = (context: Context) => ({
  answers: answers('who answers for addresses of the pair', [...peerAddresses(context), ...ownAddresses(context)]),
  adverts: advertsOfOthers(multicastDevices(context)),
})

const peerAddresses = ({vars, host, peers}: Context): {device: string; address: string}[] =>
  peers.flatMap(peer =>
    sharedLinks(vars).flatMap(link =>
      ([4, 6] as const).flatMap(family => {
        const device = host.links[link]?.device
        const own = host.links[link]?.addresses.some(address => familyOf(address) === family)
        const address = peer.links[link]?.addresses.find(each => familyOf(each) === family)
        return device === undefined || !own || address === undefined ? [] : [{device, address: bare(address)}]
      }),
    ),
  )

const ownAddresses = ({vars, host}: Context): {device: string; address: string}[] =>
  virtualAddresses(vars).flatMap(({address, link}) => {
    const device = host.links[link]?.device
    return device === undefined ? [] : [{device, address: bare(address)}]
  })

const multicastDevices = ({vars, host}: Context): string[] => [
  ...new Set(multicastIds(vars).flatMap(({link}) => host.links[link]?.device ?? [])),
]
