import type {BondFact, Host, LiveProblem, PowerSupplies} from 'gatewright'

export type Hardware = {
  readonly powerSupplies: PowerSupplies
  readonly bonds: Readonly<Record<string, BondFact>>
}

/** What should be there twice and is not: advice, as the gateway works, and its peer is there. Who cannot tell is silent. */
export const hardwareProblems = (host: Host, {powerSupplies: {supplies}, bonds}: Hardware): LiveProblem[] => [
  ...supplyProblems(host, supplies),
  ...Object.entries(bonds).flatMap(([device, {mode, ports}]) => {
    const up = ports.filter(({isUp}) => isUp).map(each => each.device)
    if (up.length >= 2) return []
    const link = Object.entries(host.links).find(([, each]) => each.device.replace(/\..*/, '') === device)?.[0]
    return [
      advice({
        rule: 'hardening-bond',
        what: `${device} of ${host.name}${link === undefined ? '' : ` (link ${link})`} is a bond (${mode}) with ${up.length} port up of ${ports.length}: ${up.join(', ') || 'none'}`,
        fix: 'look at the cables and the two switches of the other ports: a bond protects with two ports up',
      }),
    ]
  }),
]

const supplyProblems = (
  {name}: Host,
  supplies: Extract<PowerSupplies, {supplies: readonly unknown[]}>['supplies'] | undefined,
): LiveProblem[] => {
  if (supplies === undefined) return []
  const sick = supplies.filter(({isWell}) => !isWell).map(each => each.name)
  if (sick.length === 0 && supplies.length >= 2) return []
  return [
    advice({
      rule: 'hardening-power-supply',
      what:
        sick.length > 0
          ? `${name} has a power supply that is not well: ${sick.join(', ')}`
          : `${name} has one power supply (${supplies.map(each => each.name).join(', ')})`,
      fix: sick.length > 0 ? 'look at it and at its feed' : 'a second one, on another feed, keeps the gateway',
    }),
  ]
}

const advice = (said: Pick<LiveProblem, 'rule' | 'what' | 'fix'>): LiveProblem => ({
  ...said,
  // It stands in no variable, and so at the place where the role is called.
  variable: '',
  isAdvice: true,
})
