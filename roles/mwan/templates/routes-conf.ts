import type {Carried} from '../carried-tunnels.ts'
import {type Family, families} from '../networks.ts'
import {confinedLosses, type MwanView, type Uplink} from '../view.ts'

const hex = (mark: number): string => `0x${mark.toString(16)}`

/** /etc/gatewright/mwan/routes: tables and rules, each as `ip -N` prints it, so that comparing is comparing text. */
export const routesConf = (view: MwanView): string => {
  const {uplinks, firstPriority, lastPriority} = view
  const onLink = (family: Family): string => (family === 4 ? ' scope link' : '')
  const routes = uplinks.flatMap(({table, device, paths}) =>
    paths.flatMap(({family, gateway, networks}) => [
      ...networks.map(network => `route ${family} ${table} ${network} dev ${device}${onLink(family)}`),
      gateway === undefined
        ? `route ${family} ${table} default dev ${device}${onLink(family)}`
        : `route ${family} ${table} default via ${gateway} dev ${device}`,
    ]),
  )
  const rules = policyRules(view).map(
    ({family, priority, rule}) => `rule ${family} ${firstPriority + priority} ${rule}`,
  )
  const tables = uplinks.map(({table}) => `table ${table}`)
  const loose = uplinks.filter(({isTunnel}) => isTunnel).map(({device}) => `loose ${device}`)
  return [`priorities ${firstPriority} ${lastPriority}`, ...tables, ...loose, ...rules, ...routes, ''].join('\n')
}

type Rule = {readonly family: Family; readonly priority: number; readonly rule: string}

/**
 * The order between mwan and the main table, which BGP owns: tunnels by the uplink that carries them; replies to what came in over
 * an uplink back there, and what only tunnels may carry into its tunnel; then what main knows better than by its default route;
 * then the uplinks' tables; then nothing.
 */
export const policyRules = ({
  uplinks,
  policies,
  marks,
  carried,
}: Pick<MwanView, 'uplinks' | 'policies' | 'marks' | 'carried'>): Rule[] => {
  const {mask, uplinkMask} = marks
  const confined = confinedLosses(marks)
  const marked = `not from all fwmark 0/${hex(uplinkMask)}`
  const common = [
    [50, `${marked} lookup 254 suppress_prefixlength 0`],
    [51, 'from all iif lo lookup 254 suppress_prefixlength 0'],
    [190, `from all fwmark ${hex(marks.blackhole)}/${hex(mask)} blackhole`],
    [191, `${marked} unreachable`],
  ] as const
  const confinement = [
    [40, `from all fwmark ${hex(confined.blackhole)}/${hex(mask)} blackhole`],
    [41, `from all fwmark ${hex(confined.unreachable)}/${hex(mask)} unreachable`],
  ] as const
  return families.flatMap(family =>
    [
      ...carried.filter(each => each.family === family).map(carriedRule),
      ...(policies.some(({isConfined}) => isConfined) ? confinement : []),
      ...common,
      ...uplinks.flatMap(uplink => rulesOf(uplink, mask, family)),
    ]
      .toSorted(([one], [other]) => one - other)
      .map(([priority, rule]) => ({family, priority, rule})),
  )
}

const carriedRule = ({endpoint, table}: Carried): readonly [number, string] => [
  0,
  `from all to ${endpoint} iif lo lookup ${table}`,
]

const rulesOf = (uplink: Uplink, mask: number, family: Family): readonly (readonly [number, string])[] => {
  const {id, device, table, mark, pinned, paths} = uplink
  const path = paths.find(each => each.family === family)
  return path === undefined
    ? []
    : [
        [10 + id, `from all fwmark ${hex(pinned)}/${hex(mask)} lookup ${table}`],
        [60 + id, `from all fwmark ${hex(mark)}/${hex(mask)} lookup ${table}`],
        // Sockets bound to the device: the probes.
        [100 + id, `from all oif ${device} lookup ${table}`],
        // What the gateway itself sends with an address of the uplink.
        ...path.networks.map(network => [140 + id, `from ${network} iif lo lookup ${table}`] as const),
      ]
}
