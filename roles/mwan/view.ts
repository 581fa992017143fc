import {type Host, refuse} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import {canonical, type Family, families, familyOf, ofFamily} from './networks.ts'
import type {schema} from './schema.ts'

export type MwanVars = FromSchema<typeof schema>

export type Uplink = {
  readonly name: string
  readonly id: number
  readonly device: string
  readonly table: number
  /** Of the flows that were led there. */
  readonly mark: number
  /** Of the flows that came in there: their replies leave there whatever the main table says. */
  readonly pinned: number
  readonly weight: number
  readonly metric: number
  /** The families that have a gateway. */
  readonly paths: readonly {
    readonly family: Family
    readonly gateway: string
    readonly networks: readonly string[]
    readonly targets: readonly string[]
  }[]
}

export type Policy = {
  readonly name: string
  /** First key of its buckets in the map `choice`. */
  readonly offset: number
  readonly choose: 'metric' | 'latency'
  readonly lastResort: 'unreachable' | 'blackhole' | 'default'
  readonly members: readonly {readonly uplink: string; readonly metric: number; readonly weight: number}[]
}

/** Everything that the files and tables print. */
export type MwanView = {
  readonly uplinks: readonly Uplink[]
  readonly policies: readonly Policy[]
  readonly rules: MwanVars['rules']
  readonly ownPolicy: string | undefined
  readonly bypass: readonly string[]
  readonly marks: Marks
  readonly firstPriority: number
  readonly lastPriority: number
  readonly vars: MwanVars
}

/** How the bits of the mask are used. */
export type Marks = {
  readonly mask: number
  /** The bits that number the uplink. */
  readonly uplinkMask: number
  readonly pin: number
  readonly unreachable: number
  readonly blackhole: number
  readonly unit: number
}

export const marksOf = (mask: number): Marks => {
  const unit = mask & -mask
  return {mask, unit, uplinkMask: unit * 31, pin: unit * 32, unreachable: unit * 31, blackhole: unit * 30}
}

/** Rule priorities that belong to the role, from `mwan_rule_priority`. */
export const priorities = 200

type Facts = {readonly links: Readonly<Record<string, unknown>>}

/** Where no packet is routed by a policy: what lies on a link of the gateway, link-local, multicast and broadcast. */
const alwaysBypassed = [
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255',
  '::1',
  'fe80::/10',
  'ff00::/8',
]

export const mwanView = (vars: MwanVars, facts: Facts, host: Host): MwanView => {
  const uplinks = uplinksOf(vars, host)
  for (const {name, device} of uplinks)
    if (!(device in facts.links))
      throw refuse({
        rule: 'missing-device',
        host: host.name,
        what: `uplink ${name} is on the device ${device}, which this host does not have`,
        why: `it has ${Object.keys(facts.links).join(', ')}`,
        fix: `set the device of its link to one of these`,
      })
  return {
    uplinks,
    policies: policiesOf(vars, uplinks),
    rules: vars.rules,
    ownPolicy: vars.own_policy || undefined,
    bypass: [
      ...new Set([
        ...alwaysBypassed,
        ...Object.values(host.links).flatMap(({addresses}) => addresses.map(canonical)),
        ...vars.bypass.map(canonical),
      ]),
    ],
    marks: marksOf(vars.mark_mask),
    firstPriority: vars.rule_priority,
    lastPriority: vars.rule_priority + priorities - 1,
    vars,
  }
}

/** In the order of their numbers. Those whose link is missing are left out: `problems` has told. */
export const uplinksOf = (vars: MwanVars, host: Host): Uplink[] => {
  const marks = marksOf(vars.mark_mask)
  return Object.entries(vars.uplinks)
    .flatMap(([name, uplink]) => {
      const link = host.links[uplink.link ?? name]
      if (!link) return []
      const mark = uplink.mark ?? uplink.id * marks.unit
      return [
        {
          name,
          id: uplink.id,
          device: link.device,
          table: uplink.table ?? vars.first_table + uplink.id,
          mark,
          pinned: mark + marks.pin,
          weight: uplink.weight ?? 1,
          metric: uplink.metric ?? 1,
          paths: families.flatMap(family => {
            const own = family === 4 ? uplink.gateway : uplink.gateway6
            const gateway = own ?? (familyOf(link.gateway ?? '') === family ? link.gateway : undefined)
            return gateway === undefined
              ? []
              : [
                  {
                    family,
                    gateway: canonical(gateway),
                    networks: ofFamily(link.addresses, family).map(canonical),
                    targets: ofFamily(uplink.targets ?? vars.targets, family),
                  },
                ]
          }),
        },
      ]
    })
    .toSorted((one, other) => one.id - other.id)
}

const policiesOf = (vars: MwanVars, uplinks: readonly Uplink[]): Policy[] =>
  Object.entries(vars.policies).map(([name, {members, choose, last_resort}], index) => ({
    name,
    offset: 0x10000 + index * 128,
    choose: choose ?? 'metric',
    lastResort: last_resort ?? 'unreachable',
    members: members.map(({uplink, metric, weight}) => {
      const known = uplinks.find(each => each.name === uplink)
      return {uplink, metric: metric ?? known?.metric ?? 1, weight: weight ?? known?.weight ?? 1}
    }),
  }))
