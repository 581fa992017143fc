import {createHash} from 'node:crypto'
import type {Link, Peer} from 'gatewright'
import {Secret} from '../../../src/shell/secret.ts'
import {wireguardPublicKey} from '../../../src/wireguard-key.ts'
import type {DeviceVars, PeerVars, WireguardVars} from '../view.ts'

/** A private key that is always the same for a name. */
export const privateKey = (name: string): string => createHash('sha256').update(name).digest('base64')
export const publicKey = (name: string): string => wireguardPublicKey(privateKey(name)) ?? ''
export const secret = (name: string): Secret => new Secret(privateKey(name))

/** What the schema fills in. */
export const defaults = {
  heartbeat: 10,
  max_key_age: 365,
  sync_link: 'sync',
  sync_port: 51819,
  first_table: 2000,
  rule_priority: 9000,
  mark_mask: 0xff0000,
} as const

const linksOf = (number: number): Record<string, Link> => ({
  lan: {device: 'lan', addresses: [`10.10.0.${number}/24`]},
  'wan-a': {device: 'wan-a', addresses: [`192.0.2.${number}/24`, `2001:db8:a::${number}/64`], gateway: '192.0.2.1'},
  'wan-b': {device: 'bond0.30', addresses: [`198.51.100.${number}/24`], gateway: '198.51.100.1'},
  sync: {device: 'sync', addresses: [`10.10.255.${number}/29`]},
})
export type Member = Peer<WireguardVars>
export const member = (name: string, number: number, devices: readonly DeviceVars[], changed = {}): Member => ({
  name,
  pair: 'lab',
  site: 'lab',
  links: linksOf(number),
  vars: {...defaults, devices, ...changed},
})

export const concentrator: PeerVars = {
  name: 'concentrator',
  public_key: publicKey('upstream'),
  preshared_key: secret('psk'),
  endpoint: '192.0.2.1:51820',
  allowed_ips: ['10.99.0.1/32', '10.98.0.0/16'],
}

/** Mode A: each gateway a key and a tunnel of its own. */
export const ownDevice = (name: string, number: number, changed: Partial<DeviceVars> = {}): DeviceVars => ({
  name: 'wg0',
  private_key: secret(name),
  addresses: [`10.99.0.${number}/24`, `fd00:99::${number}/64`],
  link: 'wan-a',
  peers: [concentrator],
  ...changed,
})

/** Mode B: one key on both, behind a virtual address, for people on the road and a branch that changes its key. */
export const sharedDevice = (changed: Partial<DeviceVars> = {}): DeviceVars => ({
  name: 'road',
  id: 7,
  private_key: secret('road'),
  next_private_key: secret('road next'),
  addresses: ['10.97.0.1/24'],
  port: 4500,
  mtu: 1380,
  link: 'wan-a',
  gateway6: '2001:db8:a::1',
  source: ['192.0.2.10', '2001:db8:a::10'],
  routes: true,
  follow: 'gateway',
  peers: [
    {name: 'alice@phone', public_key: publicKey('alice'), allowed_ips: ['10.97.0.2'], keepalive: 0},
    {
      name: 'branch',
      public_key: publicKey('branch'),
      next_public_key: publicKey('branch next'),
      endpoint: 'branch.example.net:51820',
      allowed_ips: ['10.97.0.3/32', '10.20.7.9/16', 'fd00:20::/48'],
      keepalive: 7,
    },
  ],
  ...changed,
})

export const facts = {
  links: {lo: {mtu: 65536}, lan: {mtu: 1500}, 'wan-a': {mtu: 1500}, 'bond0.30': {mtu: 1492}, sync: {mtu: 1500}},
  kernelHasWireguard: false,
} as never

/** The far end of `concentrator`, as a host of the inventory. */
export const upstream = (changed: Partial<DeviceVars> = {}, backChanged: Partial<PeerVars> = {}): Member => ({
  name: 'upstream',
  pair: undefined,
  site: undefined,
  links: {'wan-a': {device: 'wan-a', addresses: ['192.0.2.1/24']}},
  vars: {
    ...defaults,
    devices: [
      {
        name: 'wg0',
        private_key: secret('upstream'),
        addresses: ['10.99.0.1/24'],
        peers: [
          {
            name: 'gw1',
            public_key: publicKey('gw1'),
            preshared_key: secret('psk'),
            allowed_ips: ['10.99.0.2/32'],
            ...backChanged,
          },
        ],
        ...changed,
      },
    ],
  },
})
