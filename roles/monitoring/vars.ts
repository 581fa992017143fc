import type {Host, OfferContext} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import type {schema} from './schema.ts'

export type MonitoringVars = FromSchema<typeof schema>
export type Context = OfferContext<MonitoringVars>

export const isServer = ({servers}: Pick<MonitoringVars, 'servers'>, {name}: Pick<Host, 'name'>): boolean =>
  servers.includes(name)

/** Where a host's exporters listen: its first address on the link. */
export const addressOf = ({link}: Pick<MonitoringVars, 'link'>, {links}: Pick<Host, 'links'>): string | undefined =>
  links[link]?.addresses[0]?.replace(/\/.*/, '')
