import {isAddress, type RoleProblem} from 'gatewright'
import {allDevices} from './key-problems.ts'
import {type Context, problem} from './problem.ts'
import {type DeviceVars, endpointAddress, endpointPort, type PeerVars, portOf, publicKeyOf} from './view.ts'

type Far = {readonly host: string; readonly device: DeviceVars}

/** What must be the same at both ends of a tunnel, where both are hosts of the inventory. */
export const farEndProblems = (context: Context): RoleProblem[] =>
  context.vars.devices.flatMap(device => device.peers.flatMap(peer => peerProblems(context, device, peer)))

const keysOf = ({private_key, next_private_key}: DeviceVars): readonly string[] =>
  [private_key, next_private_key].flatMap(key => (key ? [publicKeyOf(key)] : []))

const peerProblems = (context: Context, device: DeviceVars, peer: PeerVars): RoleProblem[] => {
  const expected = expectedHosts(context, peer)
  const all = allDevices(context).filter(({host}) => expected?.includes(host) ?? true)
  if (peer.host !== undefined && all.length === 0)
    return [
      problem(
        'far-end',
        `${peer.name} on ${device.name} is said to be the host ${peer.host}, which has no WireGuard device`,
        'correct `host`, or leave it out where the far end is not of this inventory',
      ),
    ]
  const matching = all.filter(far => keysOf(far.device).includes(peer.public_key))
  if (matching.length === 0)
    return expected === undefined
      ? []
      : [
          {
            ...problem(
              'unknown-key',
              `${peer.name} on ${device.name}: ${peer.public_key} is no public key of ${expected.join(' or ')}, whose devices have ${all.map(far => `${far.device.name} ${publicKeyOf(far.device.private_key)}`).join(', ')}`,
              'copy the .pub file of that device',
            ),
            also: {host: expected[0] ?? ''},
          },
        ]
  return matching.flatMap(far => bothEnds(device, peer, far))
}

/** By what is said of it, else by its endpoint: an address and port that a host of the inventory has. */
const expectedHosts = ({host, peers, others}: Context, peer: PeerVars): readonly string[] | undefined => {
  if (peer.host !== undefined) return [peer.host]
  const address = endpointAddress(peer.endpoint)
  const found = [...peers, ...others].filter(
    ({name, links, vars}) =>
      name !== host.name &&
      address !== undefined &&
      Object.values(links).some(link => link.addresses.some(own => own.replace(/\/.*/, '') === address)) &&
      vars.devices.some(device => portOf(device) === endpointPort(peer.endpoint ?? '')),
  )
  return found.length === 0 ? undefined : found.map(({name}) => name)
}

const bothEnds = (device: DeviceVars, peer: PeerVars, far: Far): RoleProblem[] => {
  const mine = keysOf(device)
  const back = far.device.peers.find(({public_key}) => mine.includes(public_key))
  const where = `${far.device.name} on ${far.host}`
  const also = {also: {host: far.host}}
  const next = far.device.next_private_key && publicKeyOf(far.device.next_private_key)
  return [
    ...(next !== undefined && ![peer.public_key, peer.next_public_key].includes(next)
      ? [
          {
            ...problem(
              'next-key',
              `${peer.name} on ${device.name} does not accept ${next}, which ${where} will change to`,
              'set its next_public_key, and run the playbook here before wireguard.rotate there',
            ),
            ...also,
          },
        ]
      : []),
    ...(back === undefined
      ? [
          {
            ...problem(
              'unknown-key',
              `${where} has no peer with the key of ${device.name}, ${mine[0]}`,
              'add it there, or leave this peer out',
            ),
            ...also,
          },
        ]
      : back.preshared_key?.reveal() !== peer.preshared_key?.reveal()
        ? [
            {
              ...problem(
                'psk',
                `the preshared key of ${peer.name} on ${device.name} is not that of ${back.name} in ${where}`,
                'both ends need the same, made with gatewright pki wireguard-key NAME --psk PEER',
              ),
              ...also,
            },
          ]
        : []),
    ...(peer.endpoint !== undefined &&
    isAddress(endpointAddress(peer.endpoint) ?? '') &&
    endpointPort(peer.endpoint) !== portOf(far.device)
      ? [
          {
            ...problem(
              'endpoint',
              `${peer.name} on ${device.name} is reached at ${peer.endpoint}, but ${where} has the port ${portOf(far.device)}`,
              'use that port, unless something in between translates it: then leave `host` out',
            ),
            ...also,
          },
        ]
      : []),
  ]
}
