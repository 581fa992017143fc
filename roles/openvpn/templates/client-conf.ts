import {isSix} from '../vars.ts'
import {type ClientView, routeWords} from '../view.ts'
import {commonConf} from './common-conf.ts'

/** /etc/openvpn/client/NAME.conf. The unit adds `--nobind`. */
export const clientConf = (client: ClientView): string => {
  const {remotes, serverName, acceptRoutes, boundTo, ping, timeout, routes} = client
  return `# Written by gatewright; changes are overwritten.
client
${commonConf(client)}${remotes.map(each => connection(each)).join('')}${boundTo === undefined ? '' : `bind-dev ${boundTo}\n`}server-poll-timeout 5
connect-retry 1 5
resolv-retry infinite
remote-cert-tls server
verify-x509-name ${serverName} name
keepalive ${ping} ${timeout}
${acceptRoutes ? '' : 'route-nopull\n'}${routes
  .map(({network}) => `route${isSix(network) ? '-ipv6' : ''} ${routeWords(network)}\n`)
  .join('')}`
}

const connection = ({host, port, protocol}: ClientView['remotes'][number]): string => `<connection>
remote ${host} ${port} ${protocol === 'udp' ? 'udp' : 'tcp-client'}
${protocol === 'udp' ? 'explicit-exit-notify 1\n' : ''}</connection>
`
