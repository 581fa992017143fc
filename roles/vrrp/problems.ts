import {contains, type OfferContext, type RoleProblem} from 'gatewright'
import {masterDownInterval} from './budget.ts'
import type {VrrpVars} from './view.ts'

type Context = OfferContext<VrrpVars>

/** The rules over the variables of a gateway and its peers that can be told before connecting. */
export const problems = (context: Context): readonly RoleProblem[] => [
  ...ownProblems(context),
  ...context.peers.flatMap(peer => peerProblems(context.vars, peer)),
]

const ownProblems = ({vars, host}: Context): RoleProblem[] => {
  const found: RoleProblem[] = []
  const link = host.links[vars.link]
  const [virtual = ''] = vars.address.split('/')
  if (!link)
    found.push({
      rule: 'vrrp-link',
      variable: 'link',
      what: `${host.name} has no link "${vars.link}"; its links are ${Object.keys(host.links).join(', ') || 'none'}`,
      fix: 'name one of them, or add it to `links` of the host',
    })
  else if (link.addresses.some(address => address.split('/')[0] === virtual))
    found.push({
      rule: 'vrrp-address',
      variable: 'address',
      what: `${virtual} is the own address of ${host.name} on ${vars.link}`,
      fix: 'choose an address of the subnet that no machine has',
    })
  else if (!link.addresses.some(address => contains(address, virtual) && prefix(address) === prefix(vars.address)))
    found.push({
      rule: 'vrrp-address',
      variable: 'address',
      what: `${vars.address} is not in the subnet of ${vars.link} (${link.addresses.join(', ') || 'no address'})`,
      fix: "use an address of that subnet with the subnet's prefix length",
    })
  const budget = masterDownInterval(vars)
  if (budget > vars.failover_limit)
    found.push({
      rule: 'vrrp-budget',
      variable: 'advert_interval',
      what: `a crash would be noticed after ${budget.toFixed(2)} s, the limit is ${vars.failover_limit} s`,
      fix: `set vrrp_advert_interval to ${suggestion(vars)} or less`,
    })
  if (Math.round(vars.advert_interval * 100) / 100 !== vars.advert_interval)
    found.push({
      rule: 'vrrp-advert-interval',
      variable: 'advert_interval',
      what: `${vars.advert_interval} s is no whole number of centiseconds, which VRRP sends`,
      fix: `set it to ${vars.advert_interval.toFixed(2)}`,
    })
  return found
}

const prefix = (address: string): string | undefined => address.split('/')[1]

const suggestion = (vars: VrrpVars): string =>
  (Math.floor((vars.failover_limit * 100) / masterDownInterval({...vars, advert_interval: 1})) / 100).toFixed(2)

const equal = ['address', 'router_id', 'advert_interval', 'down_timer_adverts', 'preempt'] as const

const peerProblems = (vars: VrrpVars, peer: Context['peers'][number]): RoleProblem[] => [
  ...equal
    .filter(variable => vars[variable] !== peer.vars[variable])
    .map(variable => ({
      rule: 'vrrp-pair',
      variable,
      what: `${vars[variable]} here, ${peer.vars[variable]} on ${peer.name}: both gateways of a pair need the same`,
      fix: 'set it once, in the group of the pair',
    })),
  ...(vars.priority === peer.vars.priority
    ? [
        {
          rule: 'vrrp-priority',
          variable: 'priority',
          what: `${vars.priority} is the priority of ${peer.name} too, so that nothing decides who is master`,
          fix: 'give one of them 200 and the other 150',
        },
      ]
    : []),
]
