import type {OfferContext, RoleProblem} from 'gatewright'
import {addressProblems} from './address-problems.ts'
import {advertInterval, budgetOf} from './budget.ts'
import {channelOn, conntrackLinks} from './conntrack-view.ts'
import {pairProblems} from './pair-problems.ts'
import {canonical, familyOf, networkOf} from './subnet.ts'
import {addressesOn, addressLinks, advertLinks, instanceFamily, type VrrpVars} from './view.ts'

type Context = OfferContext<VrrpVars>

/** The rules over the variables of a gateway and its peers that can be told before connecting. */
export const problems = (context: Context): readonly RoleProblem[] => {
  const missing = linkProblems(context)
  return [
    ...missing,
    ...timeProblems(context),
    ...routerIdProblems(context),
    // The others speak of links that are there.
    ...(missing.length > 0 ? [] : [...addressProblems(context), ...wayProblems(context), ...natProblems(context)]),
    ...pairProblems(context),
  ]
}

const linkProblems = ({vars, host}: Context): RoleProblem[] => {
  const named: readonly (readonly [variable: string, links: readonly string[]])[] = [
    ['addresses', addressLinks(vars)],
    [
      'sync_link',
      vars.layout === 'tracked-single' || (vars.conntrack && !vars.conntrack_links) ? [vars.sync_link] : [],
    ],
    ['track_links', vars.track_links ?? []],
    ['instances', vars.instances.map(({link}) => link)],
    ['nat', vars.nat.map(({link}) => link)],
    ['conntrack_links', vars.conntrack ? (vars.conntrack_links ?? []) : []],
  ]
  return named.flatMap(([variable, links]) =>
    [...new Set(links)]
      .filter(link => !host.links[link])
      .map(link => ({
        rule: 'vrrp-link',
        variable,
        what: `${host.name} has no link "${link}"; its links are ${Object.keys(host.links).join(', ') || 'none'}`,
        fix:
          variable === 'sync_link'
            ? 'name the link between the gateways, or set vrrp_layout: grouped and vrrp_conntrack: false'
            : 'name one of them, or add it to `links` of the host',
      })),
  )
}

const timeProblems = ({vars}: Context): RoleProblem[] => {
  const interval = advertInterval(vars)
  const variable = vars.advert_interval === undefined ? 'profile' : 'advert_interval'
  const {crash} = budgetOf(vars)
  const limit = vars.failover_limit
  return [
    ...(crash > limit
      ? [
          {
            rule: 'vrrp-budget',
            variable,
            what: `a crash would be noticed after ${crash.toFixed(2)} s, the limit is ${limit} s`,
            fix: `set vrrp_advert_interval to ${(Math.floor((limit * interval * 100) / crash) / 100).toFixed(2)} or less`,
          },
        ]
      : []),
    ...(Math.round(interval * 100) / 100 === interval
      ? []
      : [
          {
            rule: 'vrrp-advert-interval',
            variable,
            what: `${interval} s is no whole number of centiseconds, which VRRP sends`,
            fix: `set it to ${interval.toFixed(2)}`,
          },
        ]),
  ]
}

/** The value of every example on the Web, and so the one that a stranger in the segment has. */
const copiedRouterId = 51

const routerIdProblems = ({vars}: Context): RoleProblem[] =>
  [
    {variable: 'router_id', id: vars.router_id},
    ...vars.instances.map(({router_id}) => ({variable: 'instances', id: router_id})),
  ]
    .filter(({id}) => id === copiedRouterId && !vars.allow_router_id_51)
    .map(({variable}) => ({
      rule: 'vrrp-router-id',
      variable,
      what: `${copiedRouterId} is the identifier of every example, and so the likeliest to be somebody else's in the segment`,
      fix: 'choose another, or set vrrp_allow_router_id_51: true',
    }))

/** Whether advertisements and states have a way from each gateway to the other. */
const wayProblems = ({vars, host, peers}: Context): RoleProblem[] => {
  const found: RoleProblem[] = []
  const shared = vars.layout === 'tracked-single' || vars.conntrack ? addressLinks(vars) : []
  if (shared.includes(vars.sync_link))
    found.push({
      rule: 'vrrp-sync-link',
      variable: 'sync_link',
      what: `${vars.sync_link} has virtual addresses: it is no link between the gateways alone`,
      fix: 'name another link, or set vrrp_layout: grouped and vrrp_conntrack_links',
    })
  const [sync, ...carrying] = [vars.sync_link, ...shared.filter(link => link !== vars.sync_link)].map(link => ({
    link,
    device: host.links[link]?.device,
    networks: (host.links[link]?.addresses ?? []).map(networkOf),
  }))
  for (const {link, device, networks} of carrying)
    if (sync && (sync.device === device || sync.networks.some(network => networks.includes(network))))
      found.push({
        rule: 'vrrp-sync-link',
        variable: 'sync_link',
        what: `${sync.link} is ${link} under another name (${device}, ${networks.join(', ')})`,
        fix: 'give the link between the gateways a device and a network of its own',
      })
  if (peers.length === 0 && (vars.conntrack || vars.layout === 'tracked-single'))
    found.push({
      rule: 'vrrp-peer',
      variable: vars.conntrack ? 'conntrack' : 'layout',
      what: `${host.name} has no peer that it could send anything to`,
      fix: 'give both gateways the same `pair`, or set vrrp_layout: grouped and vrrp_conntrack: false',
    })
  if (peers.length > 1 && vars.conntrack)
    found.push({
      rule: 'vrrp-peer',
      variable: 'conntrack',
      what: `${host.name} has ${peers.length} peers, and conntrackd speaks to one`,
      fix: 'make pairs of two, or set vrrp_conntrack: false',
    })
  const unicast = vars.layout === 'tracked-single' || vars.unicast ? advertLinks(vars) : []
  for (const link of unicast) {
    const carried = vars.addresses.filter(each => vars.layout === 'tracked-single' || each.link === link)
    const family = instanceFamily(
      carried.map(({address}) => address),
      host.links[link],
    )
    for (const member of [host, ...peers])
      if (addressesOn(member, link, family).length === 0)
        found.push({
          rule: 'vrrp-unicast',
          variable: vars.layout === 'grouped' ? 'unicast' : 'sync_link',
          what: `${member.name} has no IPv${family} address on ${link} to send advertisements from`,
          fix: `add one to links.${link}.addresses`,
          also: {host: member.name},
        })
  }
  if (vars.conntrack && peers.length === 1)
    for (const link of conntrackLinks(vars))
      if (channelOn(link, host, peers).length === 0)
        found.push({
          rule: 'vrrp-conntrack-link',
          variable: vars.conntrack_links ? 'conntrack_links' : 'sync_link',
          what: `the gateways have no addresses of one family on ${link}`,
          fix: `add one to links.${link}.addresses of both`,
        })
  return found
}

const natProblems = ({vars}: Context): RoleProblem[] =>
  vars.nat.flatMap(({link, sources, address}) => [
    ...(vars.addresses.some(each => each.link === link && canonical(each.address) === canonical(address))
      ? []
      : [
          {
            rule: 'vrrp-nat',
            variable: 'nat',
            what: `${address} is no virtual address of ${link}: its connections would not survive a take-over`,
            fix: `use one of ${virtualOn(vars, link).join(', ') || 'the addresses in vrrp_addresses, after adding one there'}`,
          },
        ]),
    ...sources
      .filter(source => familyOf(source) !== familyOf(address))
      .map(source => ({
        rule: 'vrrp-nat',
        variable: 'nat',
        what: `${source} cannot become ${address}, which is of the other family`,
        fix: 'make one entry for each family',
      })),
  ])

const virtualOn = ({addresses}: VrrpVars, link: string): string[] =>
  addresses.filter(each => each.link === link).map(({address}) => canonical(address))
