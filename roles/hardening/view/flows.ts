import type {Flow, Offer} from 'gatewright'
import type {HardeningVars} from '../schema.ts'

/** A connection to the gateway that is let in; no ports: all. */
export type DeclaredFlow = Pick<Flow, 'protocol' | 'from' | 'link' | 'purpose'> & {
  readonly to: readonly string[]
  readonly ports: readonly string[]
}

/** What active roles ask for, and what the variables of this role add. */
export const declaredFlows = (vars: HardeningVars, offers: readonly Offer[]): readonly DeclaredFlow[] => [
  ...offers.flatMap(offer => {
    if (offer.offer !== 'flow') return []
    const {protocol, port, from, to = [], link, purpose} = offer
    return [{protocol, ports: port === undefined ? [] : [String(port)], from, to, ...onLink(link), purpose}]
  }),
  ...vars.allow.map(({protocol, ports = [], from = [], to = [], link, purpose}) => ({
    protocol,
    ports: ports.map(String),
    from,
    to,
    ...onLink(link),
    purpose,
  })),
]

const onLink = (link: string | undefined): {link?: string} => (link === undefined ? {} : {link})
