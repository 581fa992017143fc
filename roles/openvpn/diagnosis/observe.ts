import {
  $,
  type Fact,
  type FilterChain,
  links,
  type OfferContext,
  packetFilter,
  type TunnelProbe,
  tunnelProbe,
  type UdpFlow,
  udpFlow,
} from 'gatewright'
import {credentialsOnHost} from '../live-problems.ts'
import {firstOf} from '../networks.ts'
import {confOf, type Side, unitOf, vrrpState} from '../places.ts'
import {type Client, mtuOf, type OpenvpnVars, overheadOfClient, type Server} from '../vars.ts'

/** A running instance, or one that should run. */
export type InstanceOnHost = {
  readonly isApplied: boolean
  /** What `systemctl is-active` says. */
  readonly active: string
  /** What it tells systemd. */
  readonly status: string
  readonly isMaster: boolean
  /** The last lines of its journal that say why it does not connect. */
  readonly complaints: readonly string[]
}

const instanceOnHost = (side: Side, name: string): Fact<InstanceOnHost> => ({
  name: `OpenVPN ${side} ${name} as it is`,
  command: $`
[ -e ${confOf(side, name)} ] && echo applied
echo "active $(systemctl is-active -- ${unitOf(side, name)})"
echo "status $(systemctl show -p StatusText --value -- ${unitOf(side, name)})"
grep -qs '"state":"MASTER"' ${vrrpState} && echo master
journalctl -u ${unitOf(side, name)} -q -o cat --no-pager -n 40 --since -10min 2>/dev/null | grep -E 'VERIFY .*ERROR|TLS Error|AUTH_FAILED|refused|RESOLVE|ERROR|error=' | tail -n 3 | sed 's/^/says /'
exit 0`,
  parse({stdout}) {
    const lines = stdout.split('\n')
    const after = (word: string): string[] =>
      lines.flatMap(line => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []))
    return {
      isApplied: lines.includes('applied'),
      active: after('active')[0] ?? 'unknown',
      status: after('status')[0] ?? '',
      isMaster: lines.includes('master'),
      complaints: after('says'),
    }
  },
})

/** Facts are found again under these names. */
export const keysOf = (side: Side, {name}: {readonly name: string}) =>
  ({instance: `${side} ${name}`, probe: `probe ${side} ${name}`, flow: `flow ${side} ${name}`}) as const

/** The server's address in the tunnel of a client: the first of the network. */
export const farAddress = ({addresses}: Client): string | undefined =>
  addresses[0] === undefined ? undefined : firstOf(addresses[0])
export const mtuOfClient = (client: Client): number => mtuOf(client, overheadOfClient(client))
export const remoteOf = ({remotes}: Client) => remotes.find(({host}) => /^[\d.]+$|:/.test(host))

export const observe = ({vars, host}: OfferContext<OpenvpnVars>): Record<string, Fact<any>> => ({
  links,
  packetFilter,
  credentialsOnHost,
  ...Object.assign(
    {},
    ...vars.servers.map(server => ({[keysOf('server', server).instance]: instanceOnHost('server', server.name)})),
  ),
  ...Object.assign(
    {},
    ...vars.clients.map(client => {
      const keys = keysOf('client', client)
      const [far, remote] = [farAddress(client), remoteOf(client)]
      const device = client.link === undefined ? undefined : host.links[client.link]?.device
      return {
        [keys.instance]: instanceOnHost('client', client.name),
        ...(far !== undefined && {[keys.probe]: tunnelProbe(client.device, far, mtuOfClient(client))}),
        ...(remote !== undefined &&
          remote.protocol === 'udp' && {
            [keys.flow]: udpFlow(client.device, {
              address: remote.host,
              port: remote.port,
              ...(device !== undefined && {device}),
            }),
          }),
      }
    }),
  ),
})

/** What was observed of one instance. */
export type Seen = {readonly instance: InstanceOnHost; readonly probe?: TunnelProbe; readonly flow?: UdpFlow}
export type Instance =
  | {readonly side: 'server'; readonly settings: Server}
  | {readonly side: 'client'; readonly settings: Client}
export type Chains = readonly FilterChain[] | undefined
