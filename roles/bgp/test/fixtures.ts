import {Secret} from '../../../src/shell/secret.ts'
import type {BgpContext, BgpVars, Neighbor} from '../sessions.ts'

/** As the schema fills in what an inventory leaves out. */
export const neighbor = (
  given: Partial<Neighbor> & Pick<Neighbor, 'address' | 'asn' | 'link' | 'class'>,
): Neighbor => ({
  bfd: 'wan',
  gtsm: true,
  preference: 100,
  communities: [],
  prepend: 0,
  med: 100,
  soft_inbound: false,
  shutdown: false,
  ...given,
})

export const vars: BgpVars = {
  asn: 65010,
  router_id: '10.10.255.2',
  networks: ['203.0.113.128/25', '2001:db8:5000::/48'],
  allocations: [],
  neighbors: [
    neighbor({address: '192.0.2.1', asn: 64500, link: 'wan-a', class: 'transit', description: 'provider A'}),
    neighbor({address: '2001:db8:a::1', asn: 64500, link: 'wan-a', class: 'transit', description: 'provider A'}),
    neighbor({address: '198.51.100.1', asn: 64501, link: 'wan-b', class: 'transit', description: 'provider B'}),
  ],
  ibgp: true,
  ibgp_link: 'sync',
  ibgp_bfd: 'direct',
  follow: 'gateway',
  standby: 'worse',
  standby_prepend: 2,
  keepalive: 3,
  hold: 9,
  connect_retry: 5,
  reroute_limit: 10,
  bfd_limit: 1,
  bfd_profiles: {wan: {interval: 300, multiplier: 3}, direct: {interval: 100, multiplier: 3}},
  bogons: ['10.0.0.0/8', 'fc00::/7'],
  max_prefix_restart: 30,
  ready_limit: 60,
  extra_config: [],
}
const links = (last: number) => ({
  lan: {device: 'lan', addresses: [`10.10.0.${last}/24`, `203.0.113.${128 + last}/25`]},
  'wan-a': {device: 'wan-a', addresses: [`192.0.2.${last}/24`, `2001:db8:a::${last}/64`]},
  'wan-b': {device: 'wan-b', addresses: [`198.51.100.${last}/24`]},
  sync: {device: 'sync', addresses: [`10.10.255.${last}/29`]},
})
export const host = {name: 'gw1', pair: 'lab', site: 'lab', links: links(2)}
export const peer = {...host, name: 'gw2', links: links(3), vars: {...vars, router_id: '10.10.255.3'}}
export const context = (changed: Partial<BgpVars> = {}, theirs: Partial<BgpVars> = {}): BgpContext => ({
  vars: {...vars, ...changed},
  host,
  peers: [{...peer, vars: {...peer.vars, ...changed, router_id: peer.vars.router_id, ...theirs}}],
  others: [],
})

const office = (last: number) => ({
  'fibre-1': {device: 'bond0.11', addresses: [`2001:db8:11::${last}/64`]},
  'fibre-2': {device: 'bond0.12', addresses: [`172.20.12.${last}/29`]},
  exchange: {device: 'enp7s0f1', addresses: [`172.20.13.${last}/24`, `2001:db8:13::${last}/64`]},
  pairlink: {device: 'bond1.99', addresses: [`fd00:99::${last}/64`, `172.20.99.${last}/30`]},
})

/** Another network: three uplinks, VLAN devices, one of them IPv6 alone, 4-byte AS, passwords, a full table, an exchange. */
export const officeVars: BgpVars = {
  ...vars,
  asn: 4200000001,
  router_id: '172.20.12.2',
  networks: ['45.138.228.0/23', '2A0E:B107:0::/44'],
  neighbors: [
    neighbor({
      address: '2001:DB8:11:0::ffff',
      asn: 4200000100,
      link: 'fibre-1',
      class: 'transit',
      import: 'full',
      bfd: 'slow',
    }),
    neighbor({
      address: '172.20.12.1',
      asn: 64700,
      link: 'fibre-2',
      class: 'transit',
      gtsm: false,
      password: new Secret('correct-horse'),
      bfd: false,
      preference: 50,
      prepend: 1,
      med: 10,
      communities: ['64700:120', '64700:130'],
      next_hop: '172.20.12.4',
      soft_inbound: true,
    }),
    neighbor({
      address: '172.20.13.251',
      asn: 64800,
      link: 'exchange',
      class: 'peer',
      import: 'list',
      import_list: ['193.0.0.0/21', '193.0.22.0/24', '2001:67c:2e8::/48'],
      max_prefix: 7,
    }),
    neighbor({
      address: '192.36.148.17',
      asn: 64900,
      link: 'exchange',
      class: 'peer',
      multihop: 4,
      gtsm: false,
      password: new Secret('battery-staple'),
      import_map: 'COLLECTOR-IN',
      export_map: 'COLLECTOR-OUT',
      shutdown: true,
    }),
  ],
  ibgp_link: 'pairlink',
  ibgp_password: new Secret('between-us'),
  standby: 'nothing',
  bfd_profiles: {...vars.bfd_profiles, slow: {interval: 200, multiplier: 5}},
  extra_config: [
    'route-map COLLECTOR-IN deny 10',
    'exit',
    '!',
    'route-map COLLECTOR-OUT permit 10',
    ' match ip address prefix-list own',
    'exit',
    '!',
  ],
}
delete (officeVars as {bogons?: unknown}).bogons
export const officeHost = {name: 'fra-gw1', pair: 'fra', site: 'fra', links: office(2)}
export const officePeer = {
  ...officeHost,
  name: 'fra-gw2',
  links: office(3),
  vars: {...officeVars, router_id: '172.20.12.3'},
}

/** Another site behind two tunnels, as the engine shows them to roles: a session over each, and BFD to tell them apart. */
export const branchVars: BgpVars = {
  ...vars,
  neighbors: ['10.99.1.1', '10.99.2.1', 'fd00:99:1::1'].map(address =>
    neighbor({
      address,
      asn: 65020,
      link: address === '10.99.2.1' ? 'tun0' : 'wg0',
      class: 'peer',
      import: 'list',
      import_list: address.includes(':') ? ['fd00:20::/48'] : ['10.20.0.0/16'],
      preference: address === '10.99.2.1' ? 100 : 200,
    }),
  ),
  bogons: [],
}
export const branchHost = {
  ...host,
  links: {
    ...links(2),
    wg0: {device: 'wg0', addresses: ['10.99.1.2/30', 'fd00:99:1::2/64'], mtu: 1420},
    tun0: {device: 'tun0', addresses: ['10.99.2.2/30'], mtu: 1400},
  },
}
