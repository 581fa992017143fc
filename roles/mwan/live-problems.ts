import {
  $,
  answers,
  type Fact,
  type LiveContext,
  type LiveProblem,
  type OfferContext,
  type SeenAddress,
} from 'gatewright'
import {type MwanVars, priorities, uplinksOf} from './view.ts'

type Device = {readonly up: boolean; readonly carrier: boolean}
type Route = {readonly to: string; readonly table: string; readonly device: string | undefined}
type InUse = {readonly priorities: readonly number[]}
type Facts = {
  readonly links: Readonly<Record<string, Device>>
  readonly routes: readonly Route[]
  readonly gateways: readonly SeenAddress[]
  /** Undefined where the rules and tables are ours already. */
  readonly inUse: InUse | undefined
}
type Context = LiveContext<MwanVars, Facts>

/** Rules of ip-rule(8) by their priorities, where this role was never applied. */
const rulesInUse: Fact<InUse | undefined> = {
  name: 'ip rules before mwan',
  command: $`[ -e /etc/gatewright/mwan/routes ] && { echo ours; exit 0; }; ip -4 rule show; ip -6 rule show`,
  parse: ({stdout}) =>
    stdout === 'ours\n'
      ? undefined
      : {priorities: [...new Set([...stdout.matchAll(/^(\d+):/gm)].map(([, priority]) => Number(priority)))]},
}

export const liveFacts = ({vars, host}: OfferContext<MwanVars>) => ({
  gateways: answers(
    'which gateways of uplinks answer',
    uplinksOf(vars, host).flatMap(({device, paths}) =>
      paths.flatMap(({gateway}) => (gateway === undefined ? [] : [{device, address: gateway}])),
    ),
  ),
  inUse: rulesInUse,
})

/** The rules over what was found: whether the ways out are there, and nobody else has what this role takes. */
export const liveProblems = (context: Context): readonly LiveProblem[] => [
  ...cables(context),
  ...silence(context),
  ...tables(context),
  ...taken(context),
]

/** An uplink may be down for days: that is what the others are for. Tunnels have no cable, and come and go. */
const cables = ({vars, host, facts}: Context): LiveProblem[] =>
  uplinksOf(vars, host).flatMap(({name, device, isTunnel}): LiveProblem[] => {
    const state = facts.links[device]
    if (isTunnel || !state || (state.up && state.carrier)) return []
    return [
      {
        rule: 'mwan-link-down',
        variable: 'uplinks',
        what: `${device}, the device of uplink ${name}, ${state.up ? 'has no carrier' : 'is not up'}`,
        fix: state.up ? 'look at the cable and at what is at its other end' : 'set it up, at boot too',
        isAdvice: true,
      },
    ]
  })

const silence = ({vars, host, facts}: Context): LiveProblem[] =>
  uplinksOf(vars, host).flatMap(({name, device, paths}) =>
    paths
      .filter(() => facts.links[device]?.up && facts.links[device].carrier)
      .filter(({gateway}) =>
        facts.gateways.some(seen => seen.is === 'silent' && seen.device === device && seen.address === gateway),
      )
      .map(({gateway}) => ({
        rule: 'mwan-gateway-silent',
        variable: 'uplinks',
        what: `nobody answers for ${gateway}, the gateway of uplink ${name}, on ${device}`,
        fix: 'look at the segment (VLAN) of that link, the address, and whether that router is up',
        isAdvice: true as const,
      })),
  )

/** Where this role never was, a table that holds routes is somebody else's, who would lose them. */
const tables = ({vars, host, facts}: Context): LiveProblem[] =>
  facts.inUse === undefined
    ? []
    : uplinksOf(vars, host).flatMap(({name, table}) =>
        facts.routes
          .filter(route => route.table === String(table))
          .slice(0, 1)
          .map(({to, device}) => ({
            rule: 'mwan-table-taken',
            variable: 'uplinks',
            what: `table ${table} of uplink ${name} holds a route already (${to} dev ${device ?? 'none'})`,
            fix: 'set another mwan_first_table, or remove what has made it',
          })),
      )

const taken = ({vars, facts}: Context): LiveProblem[] => {
  const first = vars.rule_priority
  const inUse = (facts.inUse?.priorities ?? []).filter(each => each >= first && each < first + priorities)
  return inUse.length === 0
    ? []
    : [
        {
          rule: 'mwan-priority-taken',
          variable: 'rule_priority',
          what: `there are ip rules with the priorities ${inUse.join(', ')}, of which ${first} to ${first + priorities - 1} are this role's`,
          fix: 'set another mwan_rule_priority, or remove what has made them',
        },
      ]
}
