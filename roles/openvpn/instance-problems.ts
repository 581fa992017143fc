import {contains, isAddress, type RoleProblem} from 'gatewright'
import {canonical} from './networks.ts'
import {type Client, type Context, mtuOf, overheadOfClient, overheadOfServer, type Server} from './vars.ts'

/** Seconds that a client waits before it connects again: OpenVPN's own least (connect-retry). */
export const retrySeconds = 1

/** Devices, ports, links, timers and sizes of each instance. */
export const instanceProblems = ({vars, host}: Pick<Context, 'vars' | 'host'>): readonly RoleProblem[] => {
  const {servers, clients, heartbeat} = vars
  const all = [
    ...servers.map(one => ({
      one,
      variable: 'servers',
      overhead: overheadOfServer(one),
      hasSix: one.pool6 !== undefined,
    })),
    ...clients.map(one => ({
      one,
      variable: 'clients',
      overhead: overheadOfClient(one),
      hasSix: one.routes.some(each => each.includes(':')),
    })),
  ]
  return [
    ...twice(
      all.map(({one, variable}) => ({key: one.device, shown: `the device ${one.device}`, variable})),
      'openvpn-device',
    ),
    ...twice(
      all.map(({one, variable}) => ({key: `${variable} ${one.name}`, shown: `the name ${one.name}`, variable})),
      'openvpn-device',
    ),
    ...all.flatMap(({one, variable, overhead, hasSix}) => [
      ...linkProblems(one, variable, host),
      ...mtuProblems(one, variable, overhead, hasSix),
      ...timerProblems(one, variable, heartbeat),
    ]),
    ...portProblems(servers),
    ...servers.flatMap(server => addressProblems(server, host)),
  ]
}

const twice = (
  all: readonly {readonly key: string; readonly shown: string; readonly variable: string}[],
  rule: string,
): RoleProblem[] =>
  all
    .filter(({key}, index) => all.findIndex(other => other.key === key) < index)
    .map(({shown, variable}) => ({
      rule,
      variable,
      what: `two instances have ${shown}`,
      fix: 'give one of them another',
    }))

const linkProblems = (
  {name, link, device}: Server | Client,
  variable: string,
  {name: host, links}: Context['host'],
): RoleProblem[] => [
  ...(link === undefined || link in links
    ? []
    : [
        {
          rule: 'openvpn-link',
          variable,
          what: `${name}: ${host} has no link "${link}"; its links are ${Object.keys(links).join(', ') || 'none'}`,
          fix: 'name one of them',
        },
      ]),
  ...(Object.values(links).some(each => each.device === device)
    ? [
        {
          rule: 'openvpn-device',
          variable,
          what: `${name}: ${device} is the device of a link`,
          fix: 'choose another name, such as tun0',
        },
      ]
    : []),
]

const mtuProblems = (one: Server | Client, variable: string, overhead: number, hasSix: boolean): RoleProblem[] => {
  const mtu = mtuOf(one, overhead)
  const say = (what: string, fix: string): RoleProblem[] => [
    {rule: 'openvpn-mtu', variable, what: `${one.name}: ${what}`, fix},
  ]
  if (mtu + overhead > one.path_mtu)
    return say(
      `packets of ${mtu} bytes and ${overhead} of OpenVPN's do not fit into ${one.path_mtu}`,
      `set mtu to ${one.path_mtu - overhead}, or leave it out`,
    )
  // RFC 8200 5.
  if (hasSix && mtu < 1280)
    return say(`IPv6 needs an MTU of 1280, and this one is ${mtu}`, 'raise path_mtu, or do without IPv6 inside')
  return []
}

const timerProblems = ({name, ping, timeout}: Server | Client, variable: string, heartbeat: number): RoleProblem[] => {
  const say = (what: string, fix: string): RoleProblem[] => [
    {rule: 'openvpn-heartbeat', variable, what: `${name}: ${what}`, fix},
  ]
  if (timeout < 2 * ping)
    return say(
      `a timeout of ${timeout} s does not bear one lost sign of life in ${ping} s`,
      `set ping to ${Math.floor(timeout / 2)} or less`,
    )
  if (timeout + retrySeconds >= heartbeat)
    return say(
      `a far end that dies is left after ${timeout} s and ${retrySeconds} s of pause, and the heartbeat is ${heartbeat} s`,
      `set timeout to ${heartbeat - retrySeconds - 1} or less`,
    )
  return []
}

const portProblems = (servers: readonly Server[]): RoleProblem[] =>
  servers.flatMap((one, index) =>
    servers
      .slice(0, index)
      .filter(
        other =>
          one.port === other.port &&
          one.protocol === other.protocol &&
          (one.address === other.address || one.address === undefined || other.address === undefined),
      )
      .map(other => ({
        rule: 'openvpn-port',
        variable: 'servers',
        what: `${other.name} and ${one.name} listen on the same ${one.protocol} port ${one.port}`,
        fix: 'give one of them another port, or each its own address',
      })),
  )

/** Where it listens, and what it makes its clients send into the tunnel. */
const addressProblems = (server: Server, {links}: Context['host']): RoleProblem[] => {
  const {name, address, link, push_routes: routes} = server
  if (address === undefined) return []
  const subnets = link === undefined ? undefined : links[link]?.addresses
  return [
    ...(subnets === undefined || subnets.some(subnet => contains(subnet, address))
      ? []
      : [
          {
            rule: 'openvpn-link',
            variable: 'servers',
            what: `${name} listens on ${address}, which is in no subnet of the link ${link}`,
            fix: 'use an address of that link',
          },
        ]),
    ...routes
      .filter(route => isAddress(route) && contains(canonical(route), address))
      .map(route => ({
        rule: 'openvpn-self',
        variable: 'servers',
        what: `${name} tells its clients to send ${route} into the tunnel, and with it the tunnel's own packets to ${address}`,
        fix: 'push smaller networks, without this address',
      })),
  ]
}
