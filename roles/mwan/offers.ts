import {
  claim,
  type Host,
  type Offer,
  type OfferContext,
  type Redundancy,
  redundancy,
  sysctlOffer,
  track,
} from 'gatewright'
import {watched} from './metrics.ts'
import {policyRules} from './templates/routes-conf.ts'
import {type MwanVars, marksOf, policiesOf, type Uplink, uplinksOf} from './view.ts'

/** What others must know: kernel parameters, what this role alone owns, and what VRRP watches. */
export const offers = ({vars, host}: Pick<OfferContext<MwanVars>, 'vars' | 'host'>): Offer[] => {
  const uplinks = uplinksOf(vars, host)
  const mine = {within: `host ${host.name}`, owner: 'mwan'}
  const view = {uplinks, policies: policiesOf(vars, uplinks), marks: marksOf(vars.mark_mask), carried: []}
  // The first leads the packets of tunnels, which are not known here.
  const used = new Set([0, ...policyRules(view).map(({priority}) => priority)])
  return [
    ...sysctls(vars, host).map(({key, value, reason}) => sysctlOffer(key, value, reason)),
    track({name: 'mwan', file: '/run/gatewright/track/mwan', weight: -1, initial: 0}),
    ...uplinks.map(({table}) => claim({...mine, what: 'routing table', value: String(table), variable: 'uplinks'})),
    ...[...used].map(priority =>
      claim({...mine, what: 'rule priority', value: String(vars.rule_priority + priority), variable: 'rule_priority'}),
    ),
    ...Object.keys(vars.policies)
      .map(name => redundancyOf(name, vars, uplinks))
      .filter(({devices}) => devices.length > 0),
    claim({...mine, what: 'mark', value: `0x0/0x${vars.mark_mask.toString(16)}`, variable: 'mark_mask'}),
    ...watched(vars, host),
  ]
}

/** The tunnels of a policy stand in for each other. */
const redundancyOf = (name: string, vars: MwanVars, uplinks: readonly Uplink[]): Redundancy =>
  redundancy({
    name: `the policy ${name} of mwan`,
    devices: (vars.policies[name]?.members ?? []).flatMap(
      ({uplink}) => uplinks.find(each => each.name === uplink && each.isTunnel)?.device ?? [],
    ),
    heartbeat: vars.heartbeat,
    carriesOwn: vars.own_policy === name,
    variable: 'policies',
  })

/** The kernel's ip-sysctl documentation: of rp_filter the larger of `all` and the device's counts, of src_valid_mark either. */
export const sysctls = (vars: MwanVars, host: Host): {key: string; value: number; reason: string}[] => [
  {
    key: 'net.ipv4.conf.all.src_valid_mark',
    value: 1,
    reason: 'the reverse path filter looks into the table of the uplink that a packet came in by',
  },
  ...[...new Set(uplinksOf(vars, host).map(({device}) => device))].map(device => ({
    key: `net.ipv4.conf.${device.replaceAll('.', '/')}.rp_filter`,
    value: 2,
    reason: 'policy routing: a reply may come in by another uplink than main would send to (loose mode of RFC 3704)',
  })),
]
