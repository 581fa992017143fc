import {contains, isAddress, overlaps, type RoleProblem} from 'gatewright'
import {ageProblems} from './age-problems.ts'
import {farEndProblems} from './far-end-problems.ts'
import {keyProblems} from './key-problems.ts'
import {pairProblems} from './pair-problems.ts'
import {type Context, problem} from './problem.ts'
import {
  allowedOf,
  type DeviceVars,
  endpointAddress,
  endpointPort,
  familyOf,
  idOf,
  keepaliveOf,
  mtuOf,
  overheadOf,
  type PeerVars,
  usualMtu,
} from './view.ts'

/** The rules that can be told before connecting; `today` is the day by the clock of the control machine. */
export const problems = (context: Context, today = new Date()): readonly RoleProblem[] => [
  ...context.vars.devices.flatMap((device, index) => [
    ...deviceProblems(device, context, index),
    ...device.peers.flatMap(peer => peerProblems(device, peer, context)),
    ...allowedProblems(device),
    ...ageProblems(device, context, today),
  ]),
  ...maskProblems(context),
  ...keyProblems(context),
  ...farEndProblems(context),
  ...pairProblems(context),
]

const deviceProblems = (device: DeviceVars, {vars, host}: Context, index: number): RoleProblem[] => {
  const {name, addresses, link, source = [], gateway, gateway6} = device
  const twice = vars.devices.slice(0, index).find(other => other.name === name || idOf(other) === idOf(device))
  const found = link === undefined ? undefined : host.links[link]
  const fits = usualMtu - overheadOf(device)
  return [
    ...(idOf(device) === undefined
      ? [problem('id', `${name} has no number at the end of its name, and no \`id\``, 'give it an id of 0 to 254')]
      : []),
    ...(twice && idOf(device) !== undefined
      ? [problem('twice', `${twice.name} and ${name} have the same name or id`, 'give one of them another')]
      : []),
    ...[...addresses, ...source, ...[gateway ?? [], gateway6 ?? []].flat()]
      .filter(address => !isAddress(address))
      .map(address => problem('address', `${name}: ${address} is no address`, 'write it like 10.99.0.1/24')),
    ...(link !== undefined && !found
      ? [
          problem(
            'link',
            `${name}: ${host.name} has no link "${link}"; its links are ${Object.keys(host.links).join(', ') || 'none'}`,
            'name one of them, or add it to `links` of the host',
          ),
        ]
      : []),
    ...(link === undefined && source.length > 0
      ? [problem('source', `${name} has a source address and no link to route by`, 'name the link that carries it')]
      : []),
    ...source
      .filter(address => found && !found.addresses.some(own => contains(own, address.replace(/\/.*/, ''))))
      .map(address =>
        problem('source', `${name}: ${address} is in no subnet of the link ${link}`, 'use an address of that link'),
      ),
    ...(device.mtu !== undefined && device.mtu > fits && link === undefined
      ? [
          problem(
            'mtu',
            `the MTU ${device.mtu} of ${name} does not fit into ${usualMtu} bytes: WireGuard adds ${overheadOf(device)}`,
            `set it to ${fits} or less, or name the link that carries it`,
          ),
        ]
      : []),
    ...(mtuOf(device) < 1280 && addresses.some(address => familyOf(address) === 6)
      ? [problem('mtu', `${name}: IPv6 needs an MTU of 1280, not ${mtuOf(device)}`, 'raise it (RFC 8200, 5)')]
      : []),
  ]
}

const peerProblems = (device: DeviceVars, peer: PeerVars, {vars}: Context): RoleProblem[] => {
  const {name, endpoint} = peer
  const allowed = allowedOf(peer)
  const keepalive = keepaliveOf(peer)
  const address = endpointAddress(endpoint)
  const port = endpoint === undefined ? 1 : endpointPort(endpoint)
  const around = allowed.filter(prefix => address !== undefined && isAddress(prefix) && overlaps(prefix, address))
  // Everything (0.0.0.0/0) is around every endpoint: right where the tunnel's own packets have a table of theirs.
  const isTrap = (prefix: string): boolean => !prefix.endsWith('/0') || (device.routes === true && !device.link)
  return [
    ...allowed
      .filter(prefix => !isAddress(prefix))
      .map(prefix => problem('address', `${name}: ${prefix} is no prefix`, 'write it like 10.20.0.0/16')),
    ...(port < 1 || port > 65535 || (endpoint !== undefined && /^[\d.]+:/.test(endpoint) && address === undefined)
      ? [problem('endpoint', `${name}: ${endpoint} is no endpoint`, 'write it like 192.0.2.1:51820')]
      : []),
    ...(keepalive >= vars.heartbeat
      ? [
          problem(
            'keepalive',
            `${name} on ${device.name}: a sign of life each ${keepalive} s is not within the heartbeat of ${vars.heartbeat} s`,
            'set its keepalive to 5 to 9 s, or raise wireguard_heartbeat',
          ),
        ]
      : []),
    ...around
      .filter(isTrap)
      .map(prefix =>
        problem(
          'into-itself',
          `${name} on ${device.name}: its endpoint ${endpoint} is inside of ${prefix}, which goes into the tunnel`,
          'leave the endpoint out of allowed_ips, or name the link that carries the tunnel',
        ),
      ),
  ]
}

/** A prefix belongs to one peer of a device: the last one that claims it has it, without a word. */
const allowedProblems = ({name, peers}: DeviceVars): RoleProblem[] => {
  const all = peers.flatMap(peer => allowedOf(peer).map(prefix => ({peer: peer.name, prefix})))
  const names = peers.map(peer => peer.name)
  return [
    ...names
      .filter((each, index) => names.indexOf(each) < index)
      .map(each => problem('twice', `${name} has two peers ${each}`, 'give one of them another name')),
    ...all.flatMap((one, index) =>
      all
        .slice(0, index)
        .filter(other => isAddress(one.prefix) && isAddress(other.prefix) && collide(one.prefix, other.prefix))
        .map(other =>
          problem(
            'allowed-ips',
            `${name}: ${one.prefix} of ${one.peer} overlaps ${other.prefix} of ${other.peer}`,
            'a packet goes to one peer: divide the prefixes',
          ),
        ),
    ),
  ]
}

/** What one peer alone has of everything that goes to another is no contradiction: the longer prefix wins. */
const collide = (one: string, other: string): boolean =>
  overlaps(one, other) && one.endsWith('/0') === other.endsWith('/0')

const maskProblems = ({vars: {mark_mask: mask}}: Context): RoleProblem[] =>
  mask === (mask & -mask) * 255
    ? []
    : [
        problem(
          'mask',
          `0x${mask.toString(16)} is not eight neighbouring bits`,
          'use 0xff0000 or the like',
          'mark_mask',
        ),
      ]
