import type {OfferContext, Peer, RoleProblem} from 'gatewright'
import {advertInterval} from './budget.ts'
import {conntrackLinks} from './conntrack-view.ts'
import {canonical, networkOf, prefixLength} from './subnet.ts'
import {advertLinks, type VrrpVars} from './view.ts'

type Context = OfferContext<VrrpVars>

/** What two gateways must agree on, and what must differ. */
export const pairProblems = (context: Context): RoleProblem[] =>
  context.peers.flatMap(peer => [
    ...unequal(context.vars, peer),
    ...priorities(context.vars, peer),
    ...apart(context, peer),
  ])

const text = (value: unknown): string => JSON.stringify(value)
const sorted = (values: readonly string[]): string => values.toSorted().join(', ')

/** Variable -> its value in one spelling. */
const shared: Readonly<Record<string, (vars: VrrpVars) => string>> = {
  layout: vars => vars.layout,
  name: vars => vars.name,
  addresses: vars =>
    sorted(vars.addresses.map(({address, link}) => `${canonical(address)}/${prefixLength(address)} on ${link}`)),
  router_id: vars => text(vars.router_id),
  advert_interval: vars => text(advertInterval(vars)),
  down_timer_adverts: vars => text(vars.down_timer_adverts),
  preempt: vars => text(vars.preempt),
  unicast: vars => text(vars.unicast),
  sync_link: vars => (vars.layout === 'tracked-single' || vars.conntrack ? vars.sync_link : ''),
  instances: vars => sorted(vars.instances.map(each => text({...each, priority: undefined}))),
  nat: vars => sorted(vars.nat.map(text)),
  conntrack: vars => text(vars.conntrack),
  conntrack_links: vars => conntrackLinks(vars).join(', '),
  conntrack_port: vars => text(vars.conntrack_port),
  conntrack_direct: vars => text(vars.conntrack_direct),
  conntrack_max: vars => text(vars.conntrack_max),
}

const unequal = (vars: VrrpVars, peer: Peer<VrrpVars>): RoleProblem[] =>
  Object.entries(shared)
    .filter(([, read]) => read(vars) !== read(peer.vars))
    .map(([variable, read]) => ({
      rule: 'vrrp-pair',
      variable: variable === 'advert_interval' && vars.advert_interval === undefined ? 'profile' : variable,
      what: `${read(vars)} here, ${read(peer.vars)} on ${peer.name}: both gateways of a pair need the same`,
      fix: 'set it once, in the group of the pair',
      also: {host: peer.name},
    }))

const priorities = (vars: VrrpVars, peer: Peer<VrrpVars>): RoleProblem[] => {
  const own: [variable: string, here: number, there: number][] = [['priority', vars.priority, peer.vars.priority]]
  for (const {name, priority} of vars.instances) {
    const other = peer.vars.instances.find(each => each.name === name)
    if (other) own.push(['instances', priority ?? vars.priority, other.priority ?? peer.vars.priority])
  }
  return own
    .filter(([, here, there]) => Math.abs(here - there) < 2)
    .map(([variable, here, there]) => ({
      rule: 'vrrp-priority',
      variable,
      what:
        here === there
          ? `${here} is the priority of ${peer.name} too, so that nothing decides who is master`
          : `${here} here and ${there} on ${peer.name} are too near to each other`,
      fix: 'give one of them 200 and the other 150',
      also: {host: peer.name},
    }))
}

/** Both ends of a link are in one subnet, or the packets of the one never reach the other. */
const apart = ({vars, host}: Context, peer: Peer<VrrpVars>): RoleProblem[] =>
  [...new Set([...advertLinks(vars), ...(vars.conntrack ? conntrackLinks(vars) : [])])].flatMap(link => {
    const [here, there] = [host, peer].map(({links}) => (links[link]?.addresses ?? []).map(networkOf))
    if (!here?.length || !there?.length || here.some(network => there.includes(network))) return []
    return [
      {
        rule: 'vrrp-segment',
        variable: link === vars.sync_link ? 'sync_link' : 'addresses',
        what: `${link} is ${here.join(', ')} here and ${there.join(', ')} on ${peer.name}: that is no common segment`,
        fix: `correct links.${link}.addresses of one of them`,
        also: {host: peer.name},
      },
    ]
  })
