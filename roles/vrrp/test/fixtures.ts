import type {Offer, Peer} from 'gatewright'
import type {VrrpVars} from '../view.ts'

/** The defaults of the schema, as the engine fills them in. */
const defaults = {
  name: 'gateway',
  layout: 'tracked-single',
  sync_link: 'sync',
  unicast: false,
  profile: 'fast',
  allow_router_id_51: false,
  down_timer_adverts: 3,
  failover_limit: 3,
  preempt: false,
  preempt_delay: 0,
  startup_delay: 0,
  instances: [],
  realtime_priority: 50,
  garp_repeat: 5,
  garp_refresh: 30,
  nat: [],
  conntrack: true,
  conntrack_port: 3780,
  conntrack_max: 262144,
  conntrack_direct: true,
  conntrack_buffer: 2097152,
  ready_timeout: 15,
} satisfies Partial<VrrpVars>

type Member = Peer<VrrpVars>
export type Pair = {readonly host: Member; readonly peer: Member; readonly vars: VrrpVars}

const pairOf = (vars: VrrpVars, member: (number: number) => Omit<Member, 'vars' | 'pair' | 'site'>): Pair => {
  const [host, peer] = [200, 150].map((priority, index) => ({
    ...member(index + 2),
    pair: 'pair',
    site: 'site',
    vars: {...vars, priority},
  })) as [Member, Member]
  return {host, peer, vars: host.vars}
}

/** The lab: a plain device for each link. */
export const lab = (changed: Partial<VrrpVars> = {}): Pair =>
  pairOf(
    {
      ...defaults,
      router_id: 110,
      priority: 200,
      addresses: [
        {link: 'lan', address: '10.10.0.1/24'},
        {link: 'lan', address: 'fd00:10:10::1/64'},
        {link: 'wan-a', address: '192.0.2.10/24'},
      ],
      nat: [{link: 'wan-a', sources: ['10.10.0.0/24'], address: '192.0.2.10'}],
      ...changed,
    },
    number => ({
      name: `gw${number - 1}`,
      links: {
        lan: {device: 'lan', addresses: [`10.10.0.${number}/24`, `fd00:10:10::${number}/64`]},
        'wan-a': {device: 'wan-a', addresses: [`192.0.2.${number}/24`], gateway: '192.0.2.1'},
        sync: {device: 'sync', addresses: [`10.10.255.${number}/29`]},
        mgmt: {device: 'mgmt', addresses: [`10.10.254.${number}/24`]},
      },
    }),
  )

/** Another site: VLANs on a bond, three uplinks of which one has IPv6 only, an instance in each segment. */
export const office = (changed: Partial<VrrpVars> = {}): Pair =>
  pairOf(
    {
      ...defaults,
      name: 'office',
      layout: 'grouped',
      profile: 'standard',
      router_id: 7,
      priority: 200,
      preempt: true,
      preempt_delay: 60,
      realtime_priority: 0,
      garp_refresh: 60,
      addresses: [
        {link: 'staff', address: '172.20.7.1/26'},
        {link: 'staff', address: '2001:db8:7::1/64'},
        {link: 'fibre', address: '203.0.113.10/28'},
        {link: 'cable', address: '198.51.100.6/29'},
        {link: 'radio', address: '2001:db8:c::10/64'},
      ],
      instances: [{name: 'dns', link: 'staff', router_id: 53, addresses: ['172.20.7.53/26']}],
      nat: [
        {link: 'fibre', sources: ['172.20.7.0/26', '172.20.8.0/24'], address: '203.0.113.10'},
        {link: 'cable', sources: ['172.20.7.0/26'], address: '198.51.100.6'},
        {link: 'radio', sources: ['fd00:7::/64'], address: '2001:db8:c::10'},
      ],
      conntrack_links: ['state', 'mgmt'],
      conntrack_direct: false,
      ...changed,
    },
    number => ({
      name: `office-${number - 1}`,
      links: {
        staff: {device: 'bond0.20', addresses: [`172.20.7.${number}/26`, `2001:db8:7::${number}/64`]},
        fibre: {device: 'bond0.201', addresses: [`203.0.113.${number}/28`]},
        cable: {device: 'enp3s0', addresses: [`198.51.100.${number}/29`]},
        radio: {device: 'wwan0', addresses: [`2001:db8:c::${number}/64`]},
        state: {device: 'bond1.99', addresses: [`fd00:99::${number}/64`]},
        mgmt: {device: 'mgmt0', addresses: [`172.20.254.${number}/24`]},
      },
    }),
  )

/** What other roles ask of this one. */
export const otherRoles: readonly Offer[] = [
  {offer: 'track', name: 'bgp', file: '/run/gatewright/track/bgp', weight: 0, initial: 1},
  {offer: 'track', name: 'uplinks', file: '/run/gatewright/track/uplinks', weight: -20, initial: 0},
  {offer: 'track-process', name: 'bgpd', process: 'bgpd', weight: 0},
]

export const factsOf = ({host}: Pair) => ({
  links: Object.fromEntries(
    ['lo', ...Object.values(host.links).map(({device}) => device)].map(name => [name, {}]),
  ) as never,
  keepalived: {},
  conntrackd: {},
  os: {id: 'debian', version: '12', codename: 'bookworm'},
  sockets: [],
  session: {client: undefined, server: undefined, account: 'operator', groups: []},
  virtualisation: {type: undefined, container: false},
})
