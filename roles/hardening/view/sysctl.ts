import type {Host, Offer} from 'gatewright'
import type {HardeningVars} from '../schema.ts'
import {type Parameter, parametersOf} from './baseline.ts'
import {uplinksOf} from './firewall.ts'

/** A departure from a recommendation, for an audit: what was recommended, what is, and why. */
export type Exception = {
  readonly control: string
  readonly what: string
  readonly recommended: string
  readonly set: string
  readonly reason: string
}

export type SysctlView = {
  /** In the order in which they have to be set. */
  readonly parameters: readonly {readonly key: string; readonly value: string}[]
  readonly exceptions: readonly Exception[]
}

/** One spelling of a key: `net/ipv4/ip_forward` is `net.ipv4.ip_forward`, a device keeps its dots behind slashes. */
export const keyOf = (key: string): string =>
  key.search(/[./]/) === key.indexOf('.') ? key : key.replaceAll(/[./]/g, mark => (mark === '/' ? '.' : '/'))

/**
 * All of the baseline, whether or not somebody else sets it. Tunnels come and go: a new device has what is set for `default`, and
 * nothing that was set for the one before it.
 */
export const parametersOfHost = (vars: HardeningVars, host: Host, offers: readonly Offer[]): readonly Parameter[] => {
  const uplinks = uplinksOf(vars, host)
  const tunnels = new Set(offers.flatMap(offer => (offer.offer === 'tunnel' ? [offer.device] : [])))
  const lasting = Object.entries(host.links).filter(([, {device}]) => !tunnels.has(device))
  return parametersOf({
    devices: lasting.map(([, {device}]) => device),
    inside: lasting.flatMap(([name, {device}]) => (uplinks.includes(name) ? [] : [device])),
    uplinks: uplinks.length,
    conntrackMax: vars.conntrack_max,
  })
}

export const sysctlView = (vars: HardeningVars, host: Host, offers: readonly Offer[]): SysctlView => {
  const offered = new Map(
    offers.flatMap(offer =>
      offer.offer === 'sysctl' ? [[keyOf(offer.key), {value: String(offer.value), reason: offer.reason}] as const] : [],
    ),
  )
  const kept = new Set(vars.sysctl_keep.map(keyOf))
  const all = parametersOfHost(vars, host, offers)
  return {
    parameters: all.filter(({key}) => !offered.has(key) && !kept.has(key)).map(({key, value}) => ({key, value})),
    exceptions: all.flatMap(parameter => {
      const offer = offered.get(parameter.key)
      if (offer) return departure(parameter, offer.value, offer.reason ?? 'another role of this host needs it')
      if (kept.has(parameter.key)) return departure(parameter, 'as it is', 'kept by hardening_sysctl_keep')
      return departure(parameter, parameter.value, parameter.reason ?? '')
    }),
  }
}

const departure = (parameter: Parameter, set: string, reason: string): Exception[] =>
  parameter.recommended === undefined || parameter.recommended === set
    ? []
    : [
        {
          control: parameter.control ?? 'baseline',
          what: parameter.key,
          recommended: parameter.recommended,
          set,
          reason,
        },
      ]
