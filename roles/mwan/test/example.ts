import '../../../src/resolve.ts'
import type {MwanVars} from '../view.ts'

const {tunnel} = await import('gatewright')

/** What the schema fills in. */
const defaults = {
  targets: [] as string[],
  targets_required: 2,
  bypass: [] as string[],
  own_policy: '',
  follow: '',
  vrrp_penalty: 100,
  probe_interval: 1,
  probe_timeout: 1,
  down_count: 3,
  up_count: 10,
  failover_limit: 5,
  heartbeat: 10,
  window: 30,
  latency_down: 150,
  latency_up: 100,
  loss_down: 3,
  loss_up: 1,
  hold: 60,
  flaps: 6,
  damp: 900,
  failback: 'keep',
  drain: 300,
  better_ms: 20,
  better_percent: 20,
  better_time: 60,
  first_table: 1000,
  rule_priority: 10000,
  mark_mask: 0x3f00,
} as const

/** The lab's gateway. */
export const vars: MwanVars = {
  ...defaults,
  uplinks: {'wan-a': {id: 1, gateway6: '2001:db8:a::1', weight: 2}, 'wan-b': {id: 2, gateway6: '2001:db8:b::1'}},
  targets: ['203.0.113.10', '192.0.2.1', '198.51.100.1', '2001:db8:ffff::10', '2001:db8:a::1', '2001:db8:b::1'],
  policies: {balanced: {members: [{uplink: 'wan-a'}, {uplink: 'wan-b'}]}},
  rules: [{source: ['10.10.0.0/24', 'fd00:10:10::/64'], policy: 'balanced'}],
  follow: 'gateway',
}
export const host = {
  name: 'gw1',
  pair: 'lab',
  site: 'lab',
  links: {
    lan: {device: 'lan', addresses: ['10.10.0.2/24', 'fd00:10:10::2/64']},
    'wan-a': {device: 'wan-a', addresses: ['192.0.2.2/24', '2001:db8:a::2/64'], gateway: '192.0.2.1'},
    'wan-b': {device: 'wan-b', addresses: ['198.51.100.2/24', '2001:db8:b::2/64'], gateway: '198.51.100.1'},
  },
}
export const facts = {links: {lo: {}, lan: {}, 'wan-a': {}, 'wan-b': {}}} as never

/** Three uplinks, VLANs of a bond, one of them without IPv4; sticky flows, ports, own traffic, other numbers. */
export const office: MwanVars = {
  ...defaults,
  uplinks: {
    fibre: {id: 3, link: 'isp1', table: 210, gateway6: 'fe80::1'},
    cable: {id: 4, link: 'isp2', metric: 2, targets: ['192.0.2.53', '203.0.113.53']},
    six: {id: 7, link: 'isp3'},
  },
  targets: ['192.0.2.53', '198.51.100.53', '203.0.113.53', '2001:db8:53::1', '2001:DB8:53:0::2', '2001:db8:53::3'],
  policies: {
    first: {members: [{uplink: 'fibre'}, {uplink: 'cable'}, {uplink: 'six'}], last_resort: 'default'},
    fast: {
      members: [
        {uplink: 'fibre', metric: 1},
        {uplink: 'six', weight: 3},
      ],
      choose: 'latency',
      last_resort: 'blackhole',
    },
  },
  rules: [
    {source: ['172.20.7.0/26'], protocol: 'udp', ports: ['5060-5090'], policy: 'fast'},
    {protocol: 'tcp', ports: ['80', '443'], policy: 'first', sticky: true},
    {destination: ['2001:db8:77::/48'], policy: 'fast'},
    {protocol: 'icmp', policy: 'first'},
  ],
  bypass: ['10.0.0.0/8', '2001:db8:99::7'],
  own_policy: 'first',
  mark_mask: 0xfc0000,
  rule_priority: 500,
  first_table: 3000,
}
export const officeHost = {
  name: 'fra-gw1',
  pair: 'fra',
  site: 'fra',
  links: {
    isp1: {device: 'bond0.20', addresses: ['203.0.113.2/29', '2001:db8:20::2/64'], gateway: '203.0.113.1'},
    isp2: {device: 'bond0.30', addresses: ['198.51.100.77/27'], gateway: '198.51.100.65'},
    isp3: {device: 'bond0.40', addresses: ['2001:db8:40::2/64'], gateway: '2001:db8:40::1'},
    office: {device: 'bond0.7', addresses: ['172.20.7.3/26']},
  },
}
export const officeFacts = {links: {lo: {}, 'bond0.20': {}, 'bond0.30': {}, 'bond0.40': {}, 'bond0.7': {}}} as never

/** Two tunnels over two uplinks: a site behind them that is reached through nothing else, and guests that may fall back. */
export const branch: MwanVars = {
  ...vars,
  uplinks: {
    ...vars.uplinks,
    'vpn-a': {id: 11, device: 'wg0', targets: ['10.99.1.1', '10.20.0.1', 'fd00:99:1::1']},
    'vpn-b': {id: 12, device: 'tun0', metric: 2, targets: ['10.99.2.1']},
  },
  policies: {
    ...vars.policies,
    site: {members: [{uplink: 'vpn-a'}, {uplink: 'vpn-b'}]},
    guests: {
      members: [
        {uplink: 'vpn-b', metric: 1},
        {uplink: 'wan-b', metric: 2},
      ],
      last_resort: 'blackhole',
    },
  },
  rules: [{destination: ['10.20.0.0/16', 'fd00:20::/48'], policy: 'site'}, ...vars.rules],
}
const made = {endpoints: ['203.0.113.10'], variable: 'devices', keepalive: 5}
export const branchTunnels = [
  tunnel({
    ...made,
    device: 'wg0',
    addresses: ['10.99.1.2/30', 'fd00:99:1::2/64'],
    link: 'wan-a',
    isBound: true,
    mtu: 1420,
    overhead: 80,
  }),
  tunnel({...made, device: 'tun0', addresses: [], link: 'wan-b', mtu: 1400, overhead: 72}),
]
/** As the engine shows the gateway to its roles. */
export const branchHost = {
  ...host,
  links: {
    ...host.links,
    wg0: {device: 'wg0', addresses: ['10.99.1.2/30', 'fd00:99:1::2/64'], mtu: 1420},
    tun0: {device: 'tun0', addresses: [], mtu: 1400},
  },
}
