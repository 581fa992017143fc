import {conntrackLinks} from './conntrack-view.ts'
import {addressLinks, advertLinks, instanceFamily, type VrrpVars} from './view.ts'

export type Virtual = {readonly address: string; readonly link: string; readonly variable: 'addresses' | 'instances'}

/** Every virtual address, with the link on which it is answered for. */
export const virtualAddresses = (vars: VrrpVars): readonly Virtual[] => [
  ...vars.addresses.map(each => ({...each, variable: 'addresses' as const})),
  ...vars.instances.flatMap(({link, addresses}) =>
    addresses.map(address => ({address, link, variable: 'instances' as const})),
  ),
]

/** Links on which the gateways meet. */
export const sharedLinks = (vars: VrrpVars): readonly string[] => [
  ...new Set([
    ...advertLinks(vars),
    ...addressLinks(vars),
    ...vars.instances.map(({link}) => link),
    ...(vars.conntrack ? conntrackLinks(vars) : []),
  ]),
]

export type Spoken = {
  readonly link: string
  readonly family: 4 | 6
  readonly id: number
  readonly variable: 'router_id' | 'instances'
}

/** VRIDs that are spoken to everybody in a segment, where another router can have the same. */
export const multicastIds = (vars: VrrpVars): readonly Spoken[] => [
  ...(vars.layout === 'grouped' && !vars.unicast ? addressLinks(vars) : []).map(link => ({
    link,
    family: familyOn(vars.addresses.filter(each => each.link === link).map(({address}) => address)),
    id: vars.router_id,
    variable: 'router_id' as const,
  })),
  ...vars.instances
    .filter(({unicast}) => !(unicast ?? vars.unicast))
    .map(({link, addresses, router_id}) => ({
      link,
      family: familyOn(addresses),
      id: router_id,
      variable: 'instances' as const,
    })),
]

const familyOn = (addresses: readonly string[]): 4 | 6 => instanceFamily(addresses, undefined)
