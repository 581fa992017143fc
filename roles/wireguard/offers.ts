import {claim, flow, type Host, type Offer, type OfferContext, sysctlOffer, tunnel} from 'gatewright'
import {watched} from './metrics.ts'
import {endpointsPlace} from './pair.ts'
import {
  carrierOf,
  type DeviceVars,
  endpointAddress,
  keepaliveOf,
  mtuOf,
  overheadOf,
  portOf,
  type WireguardVars,
} from './view.ts'

type Context = OfferContext<WireguardVars>
const bare = (address: string): string => address.replace(/\/.*/, '')

/** What others must know: packets, kernel parameters, what this role alone owns, and the devices. */
export const offers = (context: Context): readonly Offer[] => {
  const {vars, host, peers} = context
  const place = endpointsPlace(context)
  return [
    ...vars.devices.flatMap(device => [...deviceOffers(device, vars, host), tunnelOf(device)]),
    ...sysctls(vars, host).map(({key, value, reason}) => sysctlOffer(key, value, reason)),
    ...watched(vars),
    ...(place === undefined
      ? []
      : [
          flow({
            protocol: 'tcp',
            port: vars.sync_port,
            from: peers.flatMap(peer => (peer.links[vars.sync_link]?.addresses ?? []).map(bare)),
            to: [place.address],
            link: vars.sync_link,
            purpose: 'endpoints of WireGuard peers',
          }),
          claim({
            what: 'tcp port',
            value: String(vars.sync_port),
            within: `host ${host.name}`,
            owner: 'wireguard',
            variable: 'sync_port',
          }),
        ]),
  ]
}

const deviceOffers = (device: DeviceVars, vars: WireguardVars, host: Host): Offer[] => {
  const mine = {within: `host ${host.name}`, owner: `wireguard ${device.name}`, variable: 'devices'}
  const carrier = carrierOf(device, vars, host)
  return [
    flow({
      protocol: 'udp',
      port: portOf(device),
      from: [],
      ...(device.link !== undefined && {link: device.link}),
      purpose: `WireGuard ${device.name}`,
    }),
    claim({...mine, what: 'udp port', value: String(portOf(device))}),
    ...(carrier
      ? [
          claim({...mine, what: 'routing table', value: String(carrier.table)}),
          claim({...mine, what: 'rule priority', value: String(carrier.priority)}),
          claim({...mine, owner: 'wireguard', what: 'mark', value: `0x0/0x${carrier.mask.toString(16)}`}),
        ]
      : []),
  ]
}

const tunnelOf = (device: DeviceVars): Offer =>
  tunnel({
    device: device.name,
    addresses: device.addresses,
    // Its packets bear a mark, for which there is a table with the link's gateway.
    ...(device.link !== undefined && {link: device.link, isBound: true}),
    endpoints: device.peers.flatMap(({endpoint}) => endpointAddress(endpoint) ?? []),
    mtu: mtuOf(device),
    overhead: overheadOf(device),
    keepalive: Math.max(0, ...device.peers.map(keepaliveOf)),
    variable: 'devices',
  })

/** The kernel's ip-sysctl documentation: of rp_filter the larger of `all` and the device's counts, of src_valid_mark either. */
export const sysctls = (vars: WireguardVars, host: Host): {key: string; value: number; reason: string}[] => {
  const devices = vars.devices.flatMap(device => carrierOf(device, vars, host)?.device ?? [])
  return devices.length === 0
    ? []
    : [
        {
          key: 'net.ipv4.conf.all.src_valid_mark',
          value: 1,
          reason: 'the reverse path filter looks into the table of the link that a tunnel is bound to',
        },
        ...[...new Set(devices)].map(device => ({
          key: `net.ipv4.conf.${device.replaceAll('.', '/')}.rp_filter`,
          value: 2,
          reason: 'policy routing: packets of a tunnel come in where main would not send to (loose mode of RFC 3704)',
        })),
      ]
}
