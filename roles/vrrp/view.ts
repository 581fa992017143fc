import {type Host, type Link, refuse} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import type {schema} from './schema.ts'

export type VrrpVars = FromSchema<typeof schema>

/** What keepalived.conf prints; every decision is made here. */
export type VrrpView = {
  readonly routerName: string
  readonly instance: string
  readonly device: string
  readonly address: string
  readonly routerId: number
  readonly priority: number
  readonly advertInterval: number
  readonly downTimerAdverts: number
  readonly preempt: boolean
  readonly realtimePriority: number
  readonly garpRepeat: number
  readonly garpRefresh: number
  readonly maintenanceFile: string
}

/** A non-zero number in it puts the gateway into FAULT: the way to take the address from it without stopping anything. */
export const maintenanceFile = '/etc/keepalived/maintenance'

type Facts = {readonly links: Readonly<Record<string, unknown>>}

/** Throws a refusal where the link's device is not on the host, which keepalived's own test would not survive either. */
export const vrrpView = (vars: VrrpVars, facts: Facts, host: Host): VrrpView => {
  const device = linkOf(vars, host).device
  if (!(device in facts.links))
    throw refuse({
      rule: 'missing-device',
      host: host.name,
      what: `link ${vars.link} is the device ${device}, which this host does not have`,
      why: `it has ${Object.keys(facts.links).join(', ')}`,
      fix: `set links.${vars.link}.device to one of these`,
    })
  return {
    routerName: host.name,
    instance: vars.link,
    device,
    address: vars.address,
    routerId: vars.router_id,
    priority: vars.priority,
    advertInterval: vars.advert_interval,
    downTimerAdverts: vars.down_timer_adverts,
    preempt: vars.preempt,
    realtimePriority: vars.realtime_priority,
    garpRepeat: vars.garp_repeat,
    garpRefresh: vars.garp_refresh,
    maintenanceFile,
  }
}

/** The link that carries the virtual address; `problems` has refused a host without it. */
export const linkOf = (vars: VrrpVars, host: Host): Link => {
  const link = host.links[vars.link]
  if (!link) throw new Error(`${host.name} has no link ${vars.link}`)
  return link
}
