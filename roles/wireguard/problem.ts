import type {OfferContext, RoleProblem} from 'gatewright'
import type {WireguardVars} from './view.ts'

export type Context = OfferContext<WireguardVars>

export const problem = (rule: string, what: string, fix: string, variable = 'devices'): RoleProblem => ({
  rule: `wireguard-${rule}`,
  variable,
  what,
  fix,
})
