import type {Diagnosis, DiagnosisContext, LinkFact, Look} from 'gatewright'
import type {CredentialsOnHost} from '../live-problems.ts'
import type {OpenvpnVars} from '../vars.ts'
import {datesStep} from './dates-step.ts'
import {type Case, instanceSteps} from './instance-steps.ts'
import {type Chains, type Instance, keysOf, observe} from './observe.ts'

type Facts = {
  readonly links: Readonly<Record<string, LinkFact>>
  readonly packetFilter: Chains
  readonly credentialsOnHost: CredentialsOnHost
  readonly [key: string]: any
}
type Context = DiagnosisContext<OpenvpnVars, Facts>

/** What this role knows of tunnels that drop: each step is taken for every instance. */
export const diagnosis: Diagnosis<OpenvpnVars> = {
  observe,
  steps: [
    datesStep,
    ...instanceSteps.map(({id, stage, asks, unless, look}) => ({
      id,
      flows: ['vpn-drops'] as const,
      stage,
      asks,
      ...(unless && {unless}),
      look: (context: Context) => together(context, look),
    })),
  ],
}

/** One look at each instance that should run here. */
const together = (context: Context, look: (each: Case) => Look | undefined): Look | undefined => {
  const {vars} = context
  const instances: Instance[] = [
    ...vars.servers.map(settings => ({side: 'server' as const, settings})),
    ...vars.clients.map(settings => ({side: 'client' as const, settings})),
  ]
  const looks = instances
    .map(instance => caseOf(instance, context))
    .filter(({settings, seen}) => !('follow' in settings && settings.follow !== '') || seen.instance.isMaster)
    .flatMap(each => {
      const found = look(each)
      return found ? [{name: each.settings.name, ...found}] : []
    })
  if (looks.length === 0) return undefined
  return {
    saw: looks.map(({name, saw}) => `${name} ${saw}`).join('; '),
    wrong: looks.flatMap(({name, wrong}) => wrong.map(each => ({...each, saw: `${name}: ${each.saw}`}))),
  }
}

const caseOf = (instance: Instance, {host, facts}: Context): Case => {
  const keys = keysOf(instance.side, instance.settings)
  return {
    ...instance,
    host,
    links: facts.links,
    chains: facts.packetFilter,
    seen: {instance: facts[keys.instance], probe: facts[keys.probe], flow: facts[keys.flow]},
  }
}
