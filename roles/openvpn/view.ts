import {type Host, readCertificate, refuse, type Secret} from 'gatewright'
import {addressOf, canonical, firstOf, maskOf} from './networks.ts'
import {type Side, unitOf} from './places.ts'
import {
  type Client,
  type Credentials,
  credentialsOf,
  isSix,
  mtuOf,
  type OpenvpnVars,
  overheadOfClient,
  overheadOfServer,
  type Server,
} from './vars.ts'

type Facts = {readonly cpu: {readonly aes: boolean}}
type Links = {readonly links: Readonly<Record<string, unknown>>}

/** What both kinds of instances have. */
export type Instance = {
  readonly side: Side
  readonly name: string
  readonly unit: string
  readonly device: string
  readonly ciphers: readonly string[]
  readonly ping: number
  readonly timeout: number
  readonly mtu: number
  readonly pathMtu: number
  readonly ca: string
  readonly crl: string | undefined
  readonly cert: string
  readonly key: Secret
  readonly tlsCrypt: Secret
  /** Serial of the certificate and its end in seconds since 1970. */
  readonly certificateId: string
  /** Networks that the kernel sends into the device; the first address of a pool is the server's own. */
  readonly routes: readonly {readonly network: string; readonly source: string | undefined}[]
}

export type ServerView = Instance & {
  readonly protocol: 'udp' | 'tcp'
  readonly port: number
  readonly address: string | undefined
  readonly follow: string | undefined
  readonly pool: string
  readonly pool6: string | undefined
  readonly clients: readonly {
    readonly name: string
    readonly address: string
    readonly address6: string | undefined
    readonly networks: readonly string[]
  }[]
  readonly pushRoutes: readonly string[]
  readonly pushDns: readonly string[]
}

export type ClientView = Instance & {
  readonly remotes: readonly {readonly host: string; readonly port: number; readonly protocol: 'udp' | 'tcp'}[]
  readonly serverName: string
  readonly acceptRoutes: boolean
  /** Its packets leave by this one. */
  readonly boundTo: string | undefined
}

/** The first that both ends have is used; both orders hold AEAD ciphers alone, and each end has them all. */
const byHardware = (aes: boolean): readonly string[] =>
  aes ? ['AES-256-GCM', 'AES-128-GCM', 'CHACHA20-POLY1305'] : ['CHACHA20-POLY1305', 'AES-256-GCM', 'AES-128-GCM']

export const serversOf = (vars: OpenvpnVars, {cpu}: Facts): readonly ServerView[] =>
  vars.servers.map(server => {
    const overhead = overheadOfServer(server)
    const {pool, pool6, clients} = server
    return {
      ...common('server', vars, server, cpu.aes, overhead),
      protocol: server.protocol,
      port: server.port,
      address: server.address,
      follow: server.follow || undefined,
      pool: canonical(pool),
      pool6: pool6 === undefined ? undefined : canonical(pool6),
      clients: clients.map(({name, address, address6, networks}) => ({
        name,
        address,
        address6,
        networks: networks.map(canonical),
      })),
      pushRoutes: server.push_routes.map(canonical),
      pushDns: server.push_dns,
      routes: [
        ...[pool, ...(pool6 === undefined ? [] : [pool6])].map(each => ({
          network: canonical(each),
          source: firstOf(each),
        })),
        ...clients.flatMap(({networks}) => networks.map(network => ({network: canonical(network), source: undefined}))),
      ],
    }
  })

export const clientsOf = (vars: OpenvpnVars, facts: Facts & Links, host: Host): readonly ClientView[] =>
  vars.clients.map(client => ({
    ...common('client', vars, client, facts.cpu.aes, overheadOfClient(client)),
    remotes: client.remotes,
    serverName: client.server_name,
    acceptRoutes: client.accept_routes,
    boundTo: client.link === undefined ? undefined : deviceOf(client, facts, host),
    routes: client.routes.map(network => ({network: canonical(network), source: undefined})),
  }))

const deviceOf = ({name, link = ''}: Client, {links}: Links, host: Host): string => {
  const device = host.links[link]?.device ?? link
  if (device in links) return device
  throw refuse({
    rule: 'missing-device',
    host: host.name,
    what: `the packets of ${name} are to leave by the device ${device}, which this host does not have`,
    why: `it has ${Object.keys(links).join(', ')}`,
    fix: 'set the device of its link to one of these',
  })
}

const common = (
  side: Side,
  vars: OpenvpnVars,
  instance: Server | Client,
  aes: boolean,
  overhead: number,
): Omit<Instance, 'routes'> => {
  const {ca, crl, cert, key, tls_crypt_v2: tlsCrypt} = complete(credentialsOf(vars, instance))
  const {name, device, ping, timeout, path_mtu: pathMtu} = instance
  const {serial, until} = readCertificate(cert) ?? {serial: 'none', until: new Date(0)}
  return {
    side,
    name,
    unit: unitOf(side, name),
    device,
    ciphers: vars.ciphers ?? byHardware(aes),
    ping,
    timeout,
    mtu: mtuOf(instance, overhead),
    pathMtu,
    ca: text(ca),
    crl: crl === undefined ? undefined : text(crl),
    cert: text(cert),
    key,
    tlsCrypt,
    certificateId: `${serial} ${Math.floor(until.getTime() / 1000)}`,
  }
}

/** A file ends with the end of a line, which a lookup leaves out. */
const text = (pem: string): string => `${pem.trimEnd()}\n`

/** `problems` has refused what is incomplete. */
const complete = (all: Credentials): Required<Omit<Credentials, 'crl'>> & Pick<Credentials, 'crl'> => {
  const {ca, cert, key, tls_crypt_v2} = all
  if (ca === undefined || cert === undefined || key === undefined || tls_crypt_v2 === undefined)
    throw new Error('an instance of openvpn without all of its credentials')
  return {...all, ca, cert, key, tls_crypt_v2}
}

/** `10.20.0.0 255.255.0.0`, or an IPv6 network as it is: as `route` and `iroute` take them. */
export const routeWords = (network: string): string =>
  isSix(network) ? canonical(network) : `${addressOf(network)} ${maskOf(network)}`
