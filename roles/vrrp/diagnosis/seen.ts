import type {AddressFact, DiagnosisContext, DiagnosisStep, FilterChain} from 'gatewright'
import type {Device, Version} from '../found.ts'
import type {OnWire} from '../on-wire.ts'
import type {VrrpVars} from '../view.ts'
import type {Daemons} from './observe.ts'

/** What was observed on a gateway. */
export type Seen = {
  readonly links: Readonly<Record<string, Device>>
  readonly virtualisation: {readonly container: boolean}
  readonly keepalived: Version
  readonly conntrackd: Version
  readonly daemons: Daemons
  readonly addresses: readonly AddressFact[]
  readonly packetFilter: readonly FilterChain[] | undefined
  readonly conf: string | undefined
  readonly onWire: readonly OnWire[] | undefined
}
export type Context = DiagnosisContext<VrrpVars, Seen>
export type Step = DiagnosisStep<VrrpVars, Seen>

/** Makes the whole host as the site playbook says. */
export const replay = (host: string): string => `gatewright play playbooks/site.yml --limit ${host}`
export const again = (host: string, unit: string): string =>
  `gatewright exec ${host} --become -- systemctl restart ${unit}`
