import {contains, isAddress, overlaps, type RoleProblem} from 'gatewright'
import {bogons} from './bogons.ts'
import {farEndProblems, foreignProblems} from './far-end-problems.ts'
import {pairProblems} from './pair-problems.ts'
import {familyOf, isPrefix, parsePrefix} from './prefix.ts'
import {flawsOf} from './semantics.ts'
import {type BgpContext, type BgpVars, type Neighbor, withoutLength} from './sessions.ts'
import {frrConf} from './templates/frr-conf.ts'
import {bgpView} from './view.ts'

/** The rules over the variables of a gateway and of all others that can be told before connecting. */
export const problems = (context: BgpContext): readonly RoleProblem[] => {
  const found = [...numberProblems(context), ...networkProblems(context), ...neighborProblems(context)]
  const text = [
    ...found,
    ...budgetProblems(context.vars),
    ...pairProblems(context),
    ...farEndProblems(context),
    ...foreignProblems(context),
  ]
  // What the rules above have refused would be told a second time, and less well.
  return found.length > 0 ? text : [...text, ...policyProblems(context)]
}

/** RFC 7607, 4893, 7300: they stand for no network. */
const reserved = new Set([0, 23456, 65535, 4294967295])

const numberProblems = ({vars}: BgpContext): RoleProblem[] => [
  ...(reserved.has(vars.asn)
    ? [{rule: 'bgp-asn', variable: 'asn', what: `${vars.asn} is reserved`, fix: 'a private one is 64512 to 65534'}]
    : []),
  ...(!isAddress(vars.router_id) || vars.router_id === '0.0.0.0'
    ? [
        {
          rule: 'bgp-router-id',
          variable: 'router_id',
          what: `${vars.router_id} is no IPv4 address that a router can have as its name`,
          fix: 'take an address of this gateway',
        },
      ]
    : []),
]

const networkProblems = ({vars}: BgpContext): RoleProblem[] => {
  const wrong = (variable: string, what: string, fix: string): RoleProblem => ({
    rule: 'bgp-network',
    variable,
    what,
    fix,
  })
  const lists = (['networks', 'allocations', 'bogons'] as const).flatMap(variable =>
    (vars[variable] ?? []).flatMap(text => {
      const prefix = parsePrefix(text)
      if (!prefix) return [wrong(variable, `${text} is no prefix`, 'write it like 192.0.2.0/24')]
      return prefix.isBase
        ? []
        : [wrong(variable, `${text} has bits behind its length`, 'name the first address of it')]
    }),
  )
  const announced = vars.networks.map(parsePrefix).filter(isPrefix)
  const unowned = announced.filter(
    ({text, length}) =>
      vars.allocations.length > 0 &&
      !vars.allocations.some(each => overlaps(each, text) && Number(each.split('/')[1]) <= length),
  )
  const bogus = announced.flatMap(({text}) => {
    const bogon = (vars.bogons ?? bogons).find(each => overlaps(each, text))
    return bogon === undefined ? [] : [{text, bogon}]
  })
  return [
    ...lists,
    ...announced
      .filter(({family, length}) => length === 0 || length > (family === 4 ? 30 : 126))
      .map(({text}) => wrong('networks', `${text} is not announced to anybody`, 'announce the network around it')),
    ...unowned.map(({text}) =>
      wrong('networks', `${text} is not ours: bgp_allocations holds ${vars.allocations.join(', ')}`, 'correct either'),
    ),
    ...bogus.map(({text, bogon}) =>
      wrong(
        'networks',
        `${text} is part of the bogon ${bogon}: no neighbor would take it`,
        'announce what is yours, or set bgp_bogons',
      ),
    ),
  ]
}

const neighborProblems = ({vars, host}: BgpContext): RoleProblem[] => {
  const seen = new Set<string>()
  return vars.neighbors.flatMap(neighbor => {
    const wrong = (rule: string, what: string, fix: string): RoleProblem => ({
      rule,
      variable: 'neighbors',
      what: `${neighbor.address} ${what}`,
      fix,
    })
    const again = seen.has(neighbor.address)
    seen.add(neighbor.address)
    return [
      ...(again ? [wrong('bgp-neighbor', 'is there twice', 'say everything about it once')] : []),
      ...placeProblems(neighbor, host.links, wrong),
      ...relationProblems(neighbor, vars, wrong),
      ...listProblems(neighbor, wrong),
    ]
  })
}

type Wrong = (rule: string, what: string, fix: string) => RoleProblem

const placeProblems = (neighbor: Neighbor, links: BgpContext['host']['links'], wrong: Wrong): RoleProblem[] => {
  const {address, link: name, multihop, next_hop} = neighbor
  const link = links[name]
  if (!isAddress(address) || address.includes('/'))
    return [wrong('bgp-neighbor', 'is no address', 'write it like 192.0.2.1')]
  if (!link)
    return [wrong('bgp-link', `is on link "${name}", which is not there`, `links are ${Object.keys(links).join(', ')}`)]
  const known = link.addresses.join(', ') || 'no address'
  return [
    ...(link.addresses.some(own => withoutLength(own) === address)
      ? [wrong('bgp-neighbor', `is our own address on ${name}`, 'name the address of the other router')]
      : multihop === undefined && !link.addresses.some(own => contains(own, address))
        ? [wrong('bgp-subnet', `is not in the subnet of ${name} (${known})`, 'correct it, or set multihop')]
        : []),
    ...(next_hop !== undefined && (familyOf(next_hop) !== 4 || !link.addresses.some(own => contains(own, next_hop)))
      ? [
          wrong(
            'bgp-next-hop',
            `should send packets to ${next_hop}, which is no IPv4 address of ${name} (${known})`,
            'name a virtual address of that link',
          ),
        ]
      : []),
  ]
}

const relationProblems = (neighbor: Neighbor, vars: BgpVars, wrong: Wrong): RoleProblem[] => {
  const {asn, class: kind, gtsm, password, multihop} = neighbor
  const isInternal = asn === vars.asn
  return [
    ...(reserved.has(asn) ? [wrong('bgp-asn', `has the reserved AS ${asn}`, 'ask who runs it')] : []),
    ...(isInternal !== (kind === 'ibgp')
      ? [
          wrong(
            'bgp-asn',
            isInternal
              ? `is of class ${kind} and has our own AS ${asn}`
              : `is of class ibgp and has AS ${asn}, not ${vars.asn}`,
            isInternal ? 'correct the AS, or say class: ibgp' : 'correct the AS, or say class: transit or peer',
          ),
        ]
      : []),
    ...(!isInternal && password === undefined && (!gtsm || multihop !== undefined)
      ? [
          wrong(
            'bgp-security',
            'has neither GTSM nor a password: anybody could end its session',
            'leave gtsm on, or set a password',
          ),
        ]
      : []),
    ...(multihop !== undefined && gtsm
      ? [wrong('bgp-security', 'cannot be many hops away and on the segment', 'set gtsm: false')]
      : []),
  ]
}

const listProblems = (neighbor: Neighbor, wrong: Wrong): RoleProblem[] => {
  const {import: wanted, import_list = [], address} = neighbor
  const family = familyOf(address)
  const useful = import_list.map(parsePrefix).filter(isPrefix)
  return [
    ...(wanted === 'list' && !useful.some(prefix => prefix.family === family)
      ? [
          wrong(
            'bgp-import',
            `has import: list and no IPv${family} prefix in import_list: nothing would be accepted`,
            'name prefixes',
          ),
        ]
      : []),
    ...(wanted !== 'list' && import_list.length > 0
      ? [wrong('bgp-import', 'has an import_list that is not used', 'say import: list, or take it away')]
      : []),
    ...(useful.length < import_list.length || useful.some(({isBase}) => !isBase)
      ? [wrong('bgp-import', 'has something else than prefixes in import_list', 'write them like 192.0.2.0/24')]
      : []),
  ]
}

const budgetProblems = (vars: BgpVars): RoleProblem[] => {
  const slow = (variable: string, what: string, fix: string): RoleProblem => ({rule: 'bgp-budget', variable, what, fix})
  const used = new Set(vars.neighbors.flatMap(({bfd}) => (bfd === false ? [] : [bfd])))
  if (vars.ibgp) used.add(vars.ibgp_bfd)
  return [
    ...(vars.hold < 3 * vars.keepalive
      ? [
          slow(
            'hold',
            `${vars.hold} s are less than three keepalives of ${vars.keepalive} s`,
            `set it to ${3 * vars.keepalive}`,
          ),
        ]
      : []),
    ...(vars.hold > vars.reroute_limit
      ? [
          slow(
            'hold',
            `silence would be noticed after ${vars.hold} s, the limit is ${vars.reroute_limit} s`,
            'use 3 and 9',
          ),
        ]
      : []),
    ...Object.entries(vars.bfd_profiles)
      .filter(([name, {interval, multiplier}]) => used.has(name) && (interval * multiplier) / 1000 > vars.bfd_limit)
      .map(([name, {interval, multiplier}]) =>
        slow(
          'bfd_profiles',
          `"${name}" notices silence after ${(interval * multiplier) / 1000} s, the limit is ${vars.bfd_limit} s`,
          `set its interval to ${Math.floor((vars.bfd_limit * 1000) / multiplier)} or less`,
        ),
      ),
  ]
}

/** The text that would be written, judged as FRR does not: missing names, settings of nobody, neighbors without policy. */
const policyProblems = ({vars, host, peers}: BgpContext): RoleProblem[] =>
  flawsOf(frrConf(bgpView(vars, host, peers))).map(({rule, what}) => ({
    rule,
    variable: what.includes('BFD profile')
      ? 'bfd_profiles'
      : vars.extra_config.length > 0
        ? 'extra_config'
        : 'neighbors',
    what,
    fix: rule === 'bgp-unpoliced' ? 'give it a route map for each direction' : 'correct the name, or define it',
  }))
