import type {DiagnosisContext, DiagnosisStep, FilterChain, LinkFact, RouteFact, SeenAddress} from 'gatewright'
import {type MwanVars, type Uplink, uplinksOf} from '../view.ts'
import type {Steering} from './observe.ts'

/** What was observed on a gateway. */
export type Seen = {
  readonly links: Readonly<Record<string, LinkFact>>
  readonly routes: readonly RouteFact[]
  readonly packetFilter: readonly FilterChain[] | undefined
  readonly steering: Steering
  /** /etc/gatewright/mwan/routes */
  readonly conf: string | undefined
  readonly gateways: readonly SeenAddress[]
}
export type Context = DiagnosisContext<MwanVars, Seen>
export type Step = DiagnosisStep<MwanVars, Seen>

/** Makes the whole host as the site playbook says. */
export const replay = (host: string): string => `gatewright play playbooks/site.yml --limit ${host}`
export const again = (host: string): string => `gatewright exec ${host} --become -- systemctl restart gatewright-mwan`

/** Uplinks with a cable. Those in tunnels are the business of vpn-drops. */
export const cabled = ({vars, host}: Context): readonly Uplink[] =>
  uplinksOf(vars, host).filter(({isTunnel}) => !isTunnel)
