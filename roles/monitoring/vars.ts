import type {Host, OfferContext, Secret} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import type {schema} from './schema.ts'

export type MonitoringVars = Omit<FromSchema<typeof schema>, 'zabbix_psk' | 'zabbix_password'> & {
  readonly zabbix_psk?: Secret
  readonly zabbix_password?: Secret
}
export type Context = OfferContext<MonitoringVars>

export const isServer = ({servers}: Pick<MonitoringVars, 'servers'>, {name}: Pick<Host, 'name'>): boolean =>
  servers.includes(name)

/** Where a host's exporters listen: its first address on the link. */
export const addressOf = ({link}: Pick<MonitoringVars, 'link'>, {links}: Pick<Host, 'links'>): string | undefined =>
  links[link]?.addresses[0]?.replace(/\/.*/, '')

/** How Zabbix and the agent of a host know each other, where it is to have one. */
export const agentOf = (
  {zabbix, zabbix_psk, zabbix_identity}: Pick<MonitoringVars, 'zabbix' | 'zabbix_psk' | 'zabbix_identity'>,
  {name}: Pick<Host, 'name'>,
): {readonly identity: string; readonly key: Secret} | undefined =>
  zabbix && zabbix_psk !== undefined ? {identity: zabbix_identity || name, key: zabbix_psk} : undefined
