import {claim, flow, type Offer, sysctlOffer, tunnel} from 'gatewright'
import {watched} from './metrics.ts'
import {canonical, firstOf} from './networks.ts'
import {type Context, mtuOf, overheadOfClient, overheadOfServer, type Server} from './vars.ts'

type Sysctl = {readonly key: string; readonly value: number; readonly reason: string}

export const sysctls: readonly Sysctl[] = [
  {key: 'net.ipv4.ip_forward', value: 1, reason: 'what comes out of a tunnel goes on'},
  {key: 'net.ipv6.conf.all.forwarding', value: 1, reason: 'what comes out of a tunnel goes on'},
  {key: 'net.ipv4.ip_nonlocal_bind', value: 1, reason: 'a server starts before its virtual address is there'},
  {key: 'net.ipv6.ip_nonlocal_bind', value: 1, reason: 'a server starts before its virtual address is there'},
]

/** What others must know: packets of clients, devices to route over, ports and networks that are taken. */
export const offers = ({vars, host}: Pick<Context, 'vars' | 'host'>): readonly Offer[] =>
  vars.servers.length + vars.clients.length === 0
    ? []
    : [
        ...sysctls.map(({key, value, reason}) => sysctlOffer(key, value, reason)),
        ...watched(vars),
        ...vars.servers.flatMap(server => [...serverOffers(server, host.name, host.pair), serverTunnel(server)]),
        ...vars.clients.map(client => {
          const overhead = overheadOfClient(client)
          return tunnel({
            device: client.device,
            addresses: client.addresses,
            // `bind-dev`
            ...(client.link !== undefined && {link: client.link, isBound: true}),
            endpoints: client.remotes.map(({host: remote}) => remote).filter(remote => /^[\d.]+$|:/.test(remote)),
            mtu: mtuOf(client, overhead),
            overhead,
            keepalive: client.ping,
            variable: 'clients',
          })
        }),
      ]

const serverOffers = (server: Server, host: string, pair = host): readonly Offer[] => {
  const {name, protocol, port, address, link, sources, pool, pool6, clients} = server
  const networks = [pool, ...(pool6 === undefined ? [] : [pool6]), ...clients.flatMap(each => each.networks)]
  return [
    flow({
      protocol,
      port,
      from: sources,
      ...(address !== undefined && {to: [address]}),
      ...(link !== undefined && {link}),
      purpose: `OpenVPN ${name}`,
    }),
    claim({
      what: `${protocol} port`,
      value: address === undefined ? String(port) : `${port} of ${address}`,
      within: `host ${host}`,
      owner: `openvpn ${name}`,
      variable: 'servers',
    }),
    // One owner for both gateways of a pair, which have the same networks.
    ...networks.map(network =>
      claim({
        what: 'prefix',
        value: canonical(network),
        within: 'tunnels',
        owner: `openvpn ${name} of ${pair}`,
        variable: 'servers',
      }),
    ),
  ]
}

const serverTunnel = (server: Server): Offer => {
  const {device, pool, pool6, link, ping} = server
  const overhead = overheadOfServer(server)
  const own = (network: string): string => `${firstOf(network)}/${canonical(network).split('/')[1]}`
  return tunnel({
    device,
    addresses: [pool, ...(pool6 === undefined ? [] : [pool6])].map(own),
    ...(link !== undefined && {link}),
    endpoints: [],
    mtu: mtuOf(server, overhead),
    overhead,
    keepalive: ping,
    variable: 'servers',
  })
}
