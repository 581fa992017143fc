import {isSix} from '../vars.ts'
import {type ClientView, routeWords} from '../view.ts'
import {commonConf} from './common-conf.ts'

/** /etc/openvpn/client/NAME.conf. The unit adds `--nobind`. */
export const clientConf = (client: ClientView): string => {
  const {remotes, serverName, acceptRoutes, boundTo, ping, timeout, routes} = client
  // What <connection> blocks may hold themselves counts for those that come after it, and for no other.
  return `# Written by gatewright; changes are overwritten.
client
${commonConf(client)}${boundTo === undefined ? '' : `bind-dev ${boundTo}\n`}server-poll-timeout 5
connect-retry 1 5
${remotes.map(connection).join('')}resolv-retry infinite
remote-cert-tls server
verify-x509-name ${serverName} name
keepalive ${ping} ${timeout}
pull-filter ignore "tun-mtu"
${acceptRoutes ? '' : 'route-nopull\n'}${routes
  .map(({network}) => `route${isSix(network) ? '-ipv6' : ''} ${routeWords(network)}\n`)
  .join('')}`
}

const connection = ({host, port, protocol}: ClientView['remotes'][number]): string => `<connection>
remote ${host} ${port} ${protocol === 'udp' ? 'udp' : 'tcp-client'}
${protocol === 'udp' ? 'explicit-exit-notify 1\n' : ''}</connection>
`
