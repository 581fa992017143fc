import type {Topology} from '../../lab/index.ts'
import {credentials, type Pki, startOpenvpn} from './openvpn.ts'
import {onHost} from './site.ts'
import {startUpstream} from './upstream.ts'

/** Behind all tunnels of test/fixtures/dual-tunnel: what a policy leads there, and what BGP announces. */
export const byPolicy = '10.20.0.1'
export const byBgp = '10.21.0.1'

/** OpenVPN's servers, one for each gateway as the role wireguard makes wg1 and wg2. */
const servers = [
  {device: 'tun1', network: '10.99.2.0', port: 1194},
  {device: 'tun2', network: '10.99.2.8', port: 1195},
]
const devices = ['wg1', 'wg2', ...servers.map(({device}) => device)]
/** The gateways at the other ends; WireGuard is taken first. */
const neighbors = [
  {address: '10.99.1.2', weight: 200},
  {address: '10.99.1.6', weight: 200},
  {address: '10.99.2.2', weight: 100},
  {address: '10.99.2.10', weight: 100},
]

const inTunnel = ({address}: {address: string}): string[] =>
  [
    'remote-as 65010',
    'local-as 65020 no-prepend replace-as',
    'timers connect 2',
    'ttl-security hops 1',
    'bfd',
    'bfd profile gateways',
  ].map(line => ` neighbor ${address} ${line}`)
const routes = ({address, weight}: {address: string; weight: number}): string[] =>
  ['activate', 'route-map ALL in', 'route-map ALL out', `weight ${weight}`].map(line => `  neighbor ${address} ${line}`)

const routing = [
  'router bgp 64500',
  ...neighbors.flatMap(inTunnel),
  ' address-family ipv4 unicast',
  '  network 10.21.0.0/24',
  ...neighbors.flatMap(routes),
].join('\n')

const perDevice = (line: (device: string, number: number) => string): string =>
  devices.map((device, index) => line(device, index + 1)).join('\n')

/** Replies of what a policy leads here follow the tunnel that a flow came in by last. */
const returnPaths = `${perDevice((_, number) => `ip rule add fwmark ${number} lookup 20${number} priority 20${number}`)}
# What is to be led elsewhere needs a route to begin with; this one leads to nobody.
ip route replace 10.10.0.0/24 via 192.0.2.99
cat >/run/concentrator-routes <<'END'
while sleep 0.5; do
${perDevice((device, number) => `ip route replace default dev ${device} table 20${number} 2>/dev/null`)}
done
END
systemd-run -q --unit=concentrator-routes sh /run/concentrator-routes
nft -f - <<'END'
table inet ways {
  chain come { type filter hook prerouting priority mangle;
${perDevice((device, number) => `    ct direction original ip daddr ${byPolicy} iifname "${device}" ct mark set ${number}`)}
  }
  chain answer { type route hook output priority mangle;
    ct direction reply ct mark != 0 meta mark set ct mark
  }
}
END`

/** The far end of everything but WireGuard on upstream, which is pristine: the providers, BGP in the tunnels, OpenVPN's servers. */
export const startConcentrator = async (lab: Topology, pki: Pki): Promise<void> => {
  const on = (script: string): Promise<string> => onHost(lab, 'upstream', script)
  await on(`ip address add ${byPolicy}/32 dev lo && ip address add ${byBgp}/24 dev lo`)
  await startUpstream(lab)
  await on(`cat >/run/tunnels.conf <<'END'\n${routing}\nEND\nvtysh -f /run/tunnels.conf`)
  await on(
    `mkdir -p /run/clients; printf 'iroute 10.10.0.0 255.255.255.0\\niroute 203.0.113.128 255.255.255.128\\n' >/run/clients/DEFAULT`,
  )
  for (const {device, network, port} of servers)
    await startOpenvpn(
      lab,
      'upstream',
      device,
      `dev ${device}
dev-type tun
local 203.0.113.10
port ${port}
proto udp4
topology subnet
server ${network} 255.255.255.248
client-config-dir /run/clients
tun-mtu 1448
dh none
keepalive 3 7
remote-cert-tls client
explicit-exit-notify 1
${credentials(pki, {certificate: 'hub.example.net', tlsCrypt: 'tls-crypt-v2'})}`,
    )
  await on(returnPaths)
}
