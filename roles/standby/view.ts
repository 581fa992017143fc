import {type Host, type OfferingHost, refuse} from 'gatewright'
import type {FromSchema} from 'json-schema-to-ts'
import type {schema} from './schema.ts'

export type StandbyVars = FromSchema<typeof schema>
export type StandbyView = {
  readonly pair: string
  readonly primaryAddresses: readonly string[]
  readonly start: readonly string[]
}

/** Whom the host stands in for, and who is asked whether that is still there. */
export const standbyView = (vars: StandbyVars, host: Host, fleet: readonly OfferingHost[]): StandbyView => {
  const pair = host.standsInFor
  if (pair === undefined)
    throw refuse({
      rule: 'standby-pair',
      host: host.name,
      what: `${host.name} stands in for nobody`,
      fix: 'set stands_in_for to the name of a pair',
    })
  const primaryAddresses = vars.primary_addresses ?? uplinkAddresses(fleet.filter(each => each.pair === pair))
  if (primaryAddresses.length === 0)
    throw refuse({
      rule: 'standby-primary',
      host: host.name,
      what: `nothing tells whether the pair '${pair}' is still there: its hosts have no link with a gateway`,
      fix: 'set standby_primary_addresses',
    })
  return {pair, primaryAddresses, start: vars.start}
}

const uplinkAddresses = (hosts: readonly OfferingHost[]): readonly string[] =>
  hosts.flatMap(({links}) =>
    Object.values(links)
      .filter(({gateway}) => gateway !== undefined)
      .flatMap(({addresses}) => addresses.map(address => address.replace(/\/.*/, ''))),
  )
