import {Ajv} from 'ajv'
import type {Offer} from '../../../src/offer.ts'
import type {Host, Peer} from '../../../src/role.ts'
import {type HardeningVars, schema} from '../schema.ts'

/** Variables as an inventory gives them, with the defaults of the schema. */
export const varsOf = (given: Partial<HardeningVars> = {}): HardeningVars => {
  const vars = structuredClone(given)
  const ajv = new Ajv({useDefaults: true, strict: false})
  if (!ajv.validate(schema, vars)) throw new Error(ajv.errorsText())
  return vars as HardeningVars
}

const labLinks = (own: number): Host['links'] => ({
  lan: {device: 'lan', addresses: [`10.10.0.${own}/24`, `fd00:10:10::${own}/64`]},
  'wan-a': {device: 'wan-a', addresses: [`192.0.2.${own}/24`, `2001:db8:a::${own}/64`], gateway: '192.0.2.1'},
  'wan-b': {device: 'wan-b', addresses: [`198.51.100.${own}/24`, `2001:db8:b::${own}/64`], gateway: '198.51.100.1'},
  sync: {device: 'sync', addresses: [`10.10.255.${own}/29`]},
  mgmt: {device: 'mgmt', addresses: [`10.10.254.${own}/24`]},
})
export const gw1: Host = {name: 'gw1', pair: 'lab', site: 'lab', links: labLinks(2)}
export const gw2: Host = {name: 'gw2', pair: 'lab', site: 'lab', links: labLinks(3)}

export const labVars = varsOf({
  management_link: 'mgmt',
  forward: [{from: 'lan', to: ['wan-a', 'wan-b'], purpose: 'the LAN goes out'}],
})

/** Another estate: VLANs on a bond, three uplinks, two inside networks, management over IPv6 as well. */
const berlinLinks = (own: number): Host['links'] => ({
  office: {device: 'bond0.20', addresses: [`172.20.7.${own}/26`, `fd20:7::${own}/64`]},
  guests: {device: 'bond0.30', addresses: [`172.20.8.${own}/24`, `fd20:8::${own}/64`]},
  isp1: {device: 'bond1.101', addresses: [`203.0.113.${own}/29`], gateway: '203.0.113.1'},
  isp2: {device: 'bond1.102', addresses: [`2001:db8:102::${own}/64`], gateway: '2001:db8:102::1'},
  lte: {device: 'wwan0', addresses: [`100.64.0.${own}/30`], gateway: '100.64.0.1'},
  oob: {device: 'eno4', addresses: [`192.168.250.${own}/24`, `fd20:250::${own}/64`]},
})
export const ber1: Host = {name: 'ber1', pair: 'berlin', site: 'berlin', links: berlinLinks(2)}
export const ber2: Host = {name: 'ber2', pair: 'berlin', site: 'berlin', links: berlinLinks(3)}

export const berlinVars = varsOf({
  management_link: 'oob',
  management_from: ['192.168.250.16/28', 'fd20:250::/64', '10.99.0.0/16', '10.99.7.0/24'],
  allow: [
    {protocol: 'udp', ports: [53], from: ['172.20.7.2/26', 'fd20:7::/64'], link: 'office', purpose: 'resolver'},
    {protocol: 'tcp', ports: [443, '8000-8010'], purpose: 'portal "guests"'},
    {protocol: 'esp', link: 'isp1', from: ['198.51.100.7'], purpose: 'partner'},
    {protocol: 'icmp', from: ['2001:db8:102::1'], purpose: 'all of ICMP from our provider'},
  ],
  forward: [
    {from: ['office', 'guests'], to: ['isp1', 'isp2', 'lte']},
    {from: 'guests', to: 'office', destination: ['172.20.7.53', 'fd20:7::53'], protocol: 'udp', ports: [53]},
  ],
  ssh_port: 2222,
  ssh_user_ca: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxW6cGmIn0CtMUyZGGe1iUYFQfBpC0AyMREbUjQhQbK operators'],
  ssh_revoked_keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFYl3ZfYTW8oA1uHDVEdbd8pOGXhf5W0ZcYrEqvYqCzM lost'],
  ssh_root_login: 'prohibit-password',
  log_server: '[fd20:250::9]:6514',
  log_max_use: 2048,
  ntp_servers: ['192.0.2.123', 'ntp.example.net'],
  ntp_pools: ['2.debian.pool.ntp.org'],
  operators: [
    {
      name: 'alice',
      keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFYl3ZfYTW8oA1uHDVEdbd8pOGXhf5W0ZcYrEqvYqCzM alice'],
      sudo: 'nopasswd',
    },
    {name: 'bob', comment: 'on call', groups: ['adm']},
  ],
  accounts_removed: ['mallory'],
  updates_time: '22:30',
})

export const peerOf = (host: Host, vars: HardeningVars): Peer<HardeningVars> => ({...host, vars})

/** What the other roles of the lab ask for. */
export const labOffers: readonly Offer[] = [
  {offer: 'flow', protocol: 'vrrp', from: ['10.10.0.3', 'fe80::/10'], link: 'lan', purpose: 'VRRP advertisements'},
  {offer: 'flow', protocol: 'udp', port: 3780, from: ['10.10.255.3'], link: 'sync', purpose: 'conntrackd'},
  {
    offer: 'flow',
    protocol: 'tcp',
    port: 179,
    from: ['192.0.2.1', '2001:db8:a::1'],
    to: ['192.0.2.2', '2001:db8:a::2'],
    link: 'wan-a',
    purpose: 'BGP',
  },
  {offer: 'sysctl', key: 'net.ipv4.conf.all.arp_announce', value: 2},
  {offer: 'sysctl', key: 'net/ipv4/conf/all/rp_filter', value: 0, reason: 'asymmetric on purpose'},
]
