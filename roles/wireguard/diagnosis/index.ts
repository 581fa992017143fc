import type {Diagnosis, DiagnosisContext, FilterChain, LinkFact, Look, Wrong} from 'gatewright'
import type {DeviceVars, WireguardVars} from '../view.ts'
import {type Case, deviceSteps} from './device-steps.ts'
import {keysOf, observe} from './observe.ts'

type Facts = {
  readonly links: Readonly<Record<string, LinkFact>>
  readonly packetFilter: readonly FilterChain[] | undefined
  readonly [key: string]: any
}

/** What this role knows of tunnels that drop: each step is taken for every device. */
export const diagnosis: Diagnosis<WireguardVars> = {
  observe,
  steps: deviceSteps.map(({id, stage, asks, unless, look}) => ({
    id,
    flows: ['vpn-drops'],
    stage,
    asks,
    ...(unless && {unless}),
    look: (context: DiagnosisContext<WireguardVars, Facts>) => together(context, look),
  })),
}

/** One look at each device that should be up here. */
const together = (
  context: DiagnosisContext<WireguardVars, Facts>,
  look: (each: Case) => Look | undefined,
): Look | undefined => {
  const looks = context.vars.devices
    .map(device => caseOf(device, context))
    .filter(({seen, device}) => !device.follow || seen.device.isMaster)
    .flatMap(each => {
      const found = look(each)
      return found ? [{name: each.device.name, ...found}] : []
    })
  if (looks.length === 0) return undefined
  return {
    saw: looks.map(({name, saw}) => `${name} ${saw}`).join('; '),
    wrong: looks.flatMap(({name, wrong}): readonly Wrong[] =>
      wrong.map(each => ({...each, saw: `${name}: ${each.saw}`})),
    ),
  }
}

const caseOf = (device: DeviceVars, {vars, host, facts}: DiagnosisContext<WireguardVars, Facts>): Case => {
  const keys = keysOf(device)
  return {
    device,
    vars,
    host,
    links: facts.links,
    chains: facts.packetFilter,
    seen: {device: facts[keys.device], probe: facts[keys.probe], flow: facts[keys.flow]},
  }
}
