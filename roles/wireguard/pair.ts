import type {Host, OfferContext} from 'gatewright'
import type {WireguardVars} from './view.ts'

type Context = Pick<OfferContext<WireguardVars>, 'vars' | 'host' | 'peers'>

export const followsAny = ({devices}: WireguardVars): boolean => devices.some(({follow}) => follow)

/** Where this gateway tells the endpoints of its peers: an address of the sync link; undefined where no device follows. */
export const endpointsPlace = ({vars, host}: Context): {address: string; port: number; device: string} | undefined => {
  const link = host.links[vars.sync_link]
  const address = firstAddress(host, vars.sync_link)
  return link && address !== undefined && followsAny(vars)
    ? {address, port: vars.sync_port, device: link.device}
    : undefined
}

/** Where the other gateways tell theirs: `10.10.255.3,51819`, a line each. */
export const otherPlaces = ({vars, peers}: Context): string[] =>
  followsAny(vars)
    ? peers.flatMap(peer => {
        const address = firstAddress(peer, peer.vars.sync_link)
        return address === undefined ? [] : [`${address},${peer.vars.sync_port}`]
      })
    : []

const firstAddress = ({links}: Host, link: string): string | undefined => links[link]?.addresses[0]?.replace(/\/.*/, '')
