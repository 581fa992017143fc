import type {Host, Tunnel} from 'gatewright'
import {canonical, type Family, familyOf} from './networks.ts'
import type {MwanVars, Uplink} from './view.ts'

/** The far end of a tunnel, and the table of the uplink that carries its packets. */
export type Carried = {readonly family: Family; readonly table: number; readonly endpoint: string}

/**
 * Tunnels that name a link leave by the uplink on that link, whatever the main table says: unless they see to it themselves, by the
 * addresses of their far ends. So each has its own uplink, and none needs a default route in main.
 */
export const carriedTunnels = (
  tunnels: readonly Tunnel[],
  uplinks: readonly Uplink[],
  vars: MwanVars,
  host: Host,
): Carried[] =>
  tunnels.flatMap(({link, isBound, endpoints}) => {
    const uplink = uplinks.find(({name}) => link !== undefined && linkOf(vars, name) === link && link in host.links)
    if (!uplink || isBound) return []
    return uplink.paths.flatMap(({family}) =>
      endpoints
        .filter(endpoint => familyOf(endpoint) === family)
        .map(endpoint => ({family, table: uplink.table, endpoint: canonical(endpoint)})),
    )
  })

/** Name of the link of an uplink; a tunnel has none. */
export const linkOf = (vars: MwanVars, name: string): string | undefined => {
  const {device, link = name} = vars.uplinks[name] ?? {}
  return device === undefined ? link : undefined
}
