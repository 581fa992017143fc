// The real roles of a pair with two tunnels: what their rules refuse together, before anything is connected.
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {load as parse} from 'js-yaml'
import {load} from '../../src/playbook/load.ts'
import {type DualTunnelSite, dualTunnelSite, playbook, project} from '../support/dual-tunnel.ts'
import {variablesFor} from '../support/openvpn.ts'
import {vaultKey} from '../support/pki.ts'

type Peer = Record<string, unknown> & {allowed_ips: string[]}
type Variables = Record<string, unknown> & {
  wireguard_devices: [Record<string, unknown> & {peers: Peer[]}]
  openvpn_clients: [Record<string, unknown>]
}
const undo: (() => unknown)[] = []
let site: DualTunnelSite
test.before(async () => {
  site = await dualTunnelSite({teardown: each => void undo.push(each)})
})
test.after.always(async () => {
  for (const each of undo) await each()
})

/** Reads the site with variables of the gateways that differ from the fixture's. */
const loadWith = (t: ExecutionContext, change: (variables: Variables) => void = () => {}) => {
  const variables = parse(readFileSync(join(project, 'inventory/group_vars/gateways.yml'), 'utf8')) as Variables
  change(variables)
  const changed = variablesFor(t)
  changed.write({gateways: variables})
  return load({
    playbooks: [playbook],
    inventories: [...site.inventories, changed.directory],
    projectDirectory: project,
    keys: [vaultKey],
  })
}

test('the site is right as it is', async t => {
  const {hosts} = await loadWith(t)
  for (const gateway of ['gw1', 'gw2'])
    t.like(hosts.get(gateway)?.host.links, {wg0: {device: 'wg0'}, tun0: {device: 'tun0'}})
})

const cases: readonly (readonly [title: string, rule: string, change: (variables: Variables) => void])[] = [
  [
    'both tunnels on one uplink',
    'tunnels-on-one-link',
    ({openvpn_clients: [client]}) => {
      client['link'] = 'wan-a'
    },
  ],
  [
    'an MTU of WireGuard that cannot fit into its link',
    'tunnel-mtu',
    ({wireguard_devices: [device]}) => {
      device['mtu'] = 1500
    },
  ],
  [
    'an MTU of OpenVPN that cannot fit',
    'openvpn-mtu',
    ({openvpn_clients: [client]}) => {
      client['mtu'] = 1500
    },
  ],
  [
    'a tunnel that does not fit into the one that carries it',
    'tunnel-mtu',
    ({openvpn_clients: [client]}) => {
      client['link'] = 'wg0'
    },
  ],
  [
    'a keepalive of WireGuard above the heartbeat',
    'wireguard-keepalive',
    ({wireguard_devices: [{peers}]}) => {
      for (const peer of peers) peer['keepalive'] = 25
    },
  ],
  [
    'timers of OpenVPN above the heartbeat',
    'openvpn-heartbeat',
    ({openvpn_clients: [client]}) => {
      Object.assign(client, {ping: 10, timeout: 60})
    },
  ],
  [
    'a keepalive above the heartbeat of the policy',
    'tunnel-heartbeat',
    variables => {
      variables['mwan_heartbeat'] = 4
    },
  ],
  [
    'a tunnel whose far end lies in what goes into it',
    'wireguard-into-itself',
    ({wireguard_devices: [{peers}]}) => {
      for (const peer of peers) peer.allowed_ips.push('203.0.113.0/24')
    },
  ],
  [
    'two tunnels, each carried by the other',
    'tunnel-into-itself',
    ({wireguard_devices: [device], openvpn_clients: [client]}) => {
      Object.assign(device, {link: 'tun0', mtu: 1280})
      client['link'] = 'wg0'
    },
  ],
  [
    'two peers with overlapping AllowedIPs',
    'wireguard-allowed-ips',
    ({wireguard_devices: [{peers}]}) => {
      const public_key = "{{ lookup('file', pki ~ '/wireguard/gw1-wg0.pub') }}"
      peers.push({name: 'branch', public_key, endpoint: '203.0.113.99:51820', allowed_ips: ['10.20.7.0/24']})
    },
  ],
  [
    "a public key that is nobody's",
    'wireguard-unknown-key',
    ({wireguard_devices: [{peers}]}) => {
      for (const peer of peers) peer['public_key'] = 'ehv34TZmjdiMmvbfalGPoeASfVlok8BUJ29tUk6TPAI='
    },
  ],
  [
    'a certificate that is about to end',
    'openvpn-expiry',
    variables => {
      variables['openvpn_cert'] = site.pki.lookup('issued/ending.crt')
      variables['openvpn_key'] = site.pki.lookup('private/ending.key')
    },
  ],
  [
    'a list of revoked certificates that is about to end',
    'openvpn-expiry',
    variables => {
      variables['openvpn_crl'] = site.pki.lookup('ending.pem')
    },
  ],
]
for (const [title, rule, change] of cases)
  test(`refused before connecting: ${title}`, async t => {
    const error = await t.throwsAsync(loadWith(t, change))
    t.true(error?.message.includes(`[${rule}]`), `${rule} is not in: ${error?.message}`)
  })
