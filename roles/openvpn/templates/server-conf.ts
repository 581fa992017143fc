import {firstOf, maskOf, secondOf} from '../networks.ts'
import {filesOf, library} from '../places.ts'
import {isSix} from '../vars.ts'
import {routeWords, type ServerView} from '../view.ts'
import {commonConf} from './common-conf.ts'

/** /etc/openvpn/server/NAME.conf. The unit adds `--status` and logs to the journal. */
export const serverConf = (server: ServerView): string => {
  const {name, address, port, pool, pool6, ping, timeout, protocol, routes} = server
  const files = filesOf('server', name)
  const hook = `${library}/openvpn-session ${name}`
  const isUdp = protocol === 'udp'
  return `# Written by gatewright; changes are overwritten.
${commonConf(server)}port ${port}
proto ${isUdp ? 'udp' : 'tcp'}${address === undefined ? '' : isSix(address) ? '6' : '4'}${isUdp ? '' : '-server'}
${address === undefined ? (isUdp ? 'multihome\n' : '') : `local ${address}\n`}# Without --server and its pool: each client has an address of its own, or is not let in.
mode server
tls-server
topology subnet
push "topology subnet"
ifconfig ${firstOf(pool)} ${maskOf(pool)}
push "route-gateway ${firstOf(pool)}"
route-gateway ${secondOf(pool)}
${pool6 === undefined ? '' : `ifconfig-ipv6 ${firstOf(pool6)}/${pool6.split('/')[1]} ${secondOf(pool6)}\n`}dh none
remote-cert-tls client
client-config-dir ${files}/clients
ccd-exclusive
keepalive ${ping} ${timeout}
${isUdp ? 'explicit-exit-notify 1\n' : ''}script-security 2
client-connect "${hook}"
client-disconnect "${hook}"
${routes
  .filter(({source}) => source === undefined)
  .map(({network}) => `route${isSix(network) ? '-ipv6' : ''} ${routeWords(network)}\n`)
  .join('')}${pushes(server)
  .map(each => `push "${each}"\n`)
  .join('')}`
}

const pushes = ({pushRoutes, pushDns}: ServerView): readonly string[] => [
  ...pushRoutes.map(network => `route${isSix(network) ? '-ipv6' : ''} ${routeWords(network)}`),
  ...pushDns.map(address => `dhcp-option DNS${isSix(address) ? '6' : ''} ${address}`),
]

/** clients/COMMON NAME: with `ccd-exclusive` it is also what lets the client in. */
export const clientSettings = (
  {pool, pool6}: ServerView,
  {address, address6, networks}: ServerView['clients'][number],
): string =>
  [
    `ifconfig-push ${address} ${maskOf(pool)}`,
    ...(address6 === undefined || pool6 === undefined
      ? []
      : [`ifconfig-ipv6-push ${address6}/${pool6.split('/')[1]} ${firstOf(pool6)}`]),
    ...networks.map(network => `iroute${isSix(network) ? '-ipv6' : ''} ${routeWords(network)}`),
    '',
  ].join('\n')
