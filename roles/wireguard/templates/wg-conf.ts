import {Secret} from 'gatewright'
import {programs} from '../places.ts'
import {type DeviceView, endpointAddress, type PeerView} from '../view.ts'

/**
 * /etc/wireguard/<device>.conf for wg-quick(8): one secret as a whole, so that no part of it is ever shown. A name as endpoint is
 * left to gatewright-wireguard.service: wg(8) would wait for one that cannot be resolved, and every other peer with it.
 */
export const wgConf = (view: DeviceView): Secret => new Secret(text(view))

const text = ({privateKey, port, addresses, mtu, carrier, peers}: DeviceView): string => `# Written by gatewright.
[Interface]
PrivateKey = ${privateKey.reveal()}
ListenPort = ${port}
${carrier === undefined ? '' : `FwMark = 0x${carrier.mark.toString(16)}\n`}Address = ${addresses.join(', ')}
MTU = ${mtu}
Table = off
PostUp = ${programs}/wireguard-raised %i
${peers.flatMap(peer => [section(peer, peer.publicKey, peer.allowedIps), ...nextSection(peer)]).join('')}`

/** The next key may shake hands; what is behind the peer stays with the present one until it does. */
const nextSection = (peer: PeerView): string[] =>
  peer.nextPublicKey === undefined ? [] : [section(peer, peer.nextPublicKey, [])]

const section = (
  {name, presharedKey, endpoint, keepalive}: PeerView,
  key: string,
  allowed: readonly string[],
): string => `
# ${name}
[Peer]
PublicKey = ${key}
${presharedKey === undefined ? '' : `PresharedKey = ${presharedKey.reveal()}\n`}${allowed.length === 0 ? '' : `AllowedIPs = ${allowed.join(', ')}\n`}${endpointAddress(endpoint) === undefined ? '' : `Endpoint = ${endpoint}\n`}${keepalive === 0 ? '' : `PersistentKeepalive = ${keepalive}\n`}`
