import type {ProblemContext, RoleProblem} from 'gatewright'
import {carriedTunnels} from './carried-tunnels.ts'
import type {MwanVars, Uplink} from './view.ts'

/** Rules over uplinks that are tunnels, and over the ways that their packets take. */
export const tunnelProblems = (context: ProblemContext<MwanVars>, uplinks: readonly Uplink[]): RoleProblem[] => [
  ...uplinks.filter(({isTunnel}) => isTunnel).flatMap(uplink => uplinkProblems(context.vars, uplink)),
  ...endpointProblems(context, uplinks),
]

const uplinkProblems = (vars: MwanVars, {name, paths}: Uplink): RoleProblem[] => {
  const {link, gateway, gateway6, targets} = vars.uplinks[name] ?? {}
  const also = Object.entries({link, gateway, gateway6}).flatMap(([key, value]) => (value === undefined ? [] : [key]))
  const unprobed = paths.filter(path => path.targets.length === 0).map(({family}) => `IPv${family}`)
  return [
    ...(also.length === 0
      ? []
      : [
          {
            rule: 'mwan-device',
            variable: 'uplinks',
            what: `uplink ${name} is a tunnel by its \`device\`, and has ${also.join(' and ')} besides`,
            fix: `leave either out: a tunnel is no link and has no gateway`,
          },
        ]),
    // One is enough: where the far end of a tunnel does not answer, the tunnel is no use.
    ...(paths.length > 0 && unprobed.length === 0
      ? []
      : [
          {
            rule: 'mwan-targets',
            variable: targets ? 'uplinks' : 'targets',
            what: `uplink ${name} has no target${unprobed.length > 0 ? ` for ${unprobed.join(' and ')}` : ''}, so that nobody would notice its death`,
            fix: `set mwan_uplinks.${name}.targets to the address of its far end, and to one beyond`,
          },
        ]),
  ]
}

/** Packets of tunnels that do not bind them are told apart by their destination alone. */
const endpointProblems = (
  {vars, host, tunnels = []}: ProblemContext<MwanVars>,
  uplinks: readonly Uplink[],
): RoleProblem[] => {
  const carried = carriedTunnels(tunnels, uplinks, vars, host)
  return [...Map.groupBy(carried, ({endpoint}) => endpoint)].flatMap(([endpoint, all]) => {
    const names = [...new Set(all.map(({table}) => uplinks.find(uplink => uplink.table === table)?.name))]
    return names.length < 2
      ? []
      : [
          {
            rule: 'mwan-endpoint',
            variable: 'uplinks',
            what: `tunnels to ${endpoint} are to leave by ${names.join(' and ')}, and by their destination alone their packets cannot be told apart`,
            fix: 'use another address of the far end for one of them',
          },
        ]
  })
}
