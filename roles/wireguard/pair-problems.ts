import type {RoleProblem} from 'gatewright'
import {followsAny} from './pair.ts'
import {type Context, problem} from './problem.ts'
import {type DeviceVars, portOf} from './view.ts'

/** One key on two gateways: all that a peer could notice is equal, and there is a way to tell where the peers are. */
export const pairProblems = (context: Context): RoleProblem[] => {
  const {vars, host, peers} = context
  if (!followsAny(vars)) return []
  return [
    ...(peers.length === 0
      ? [
          problem(
            'follow',
            `${host.name} has no peer that could take its devices over`,
            'give both gateways one `pair`',
          ),
        ]
      : []),
    ...(host.links[vars.sync_link]?.addresses[0] === undefined
      ? [
          problem(
            'follow',
            `${host.name} has no link "${vars.sync_link}" with an address, by which the standby would learn where peers are`,
            'name another one in wireguard_sync_link',
            'sync_link',
          ),
        ]
      : []),
    ...peers.flatMap(peer =>
      vars.devices
        .filter(({follow}) => follow)
        .flatMap((device): RoleProblem[] => {
          const other = peer.vars.devices.find(({name}) => name === device.name)
          const differing = other
            ? (['key', 'next key', 'port', 'follow', 'addresses', 'source', 'peers'] as const).filter(
                what => said(device)[what] !== said(other)[what],
              )
            : []
          if (other && differing.length === 0) return []
          return [
            {
              ...problem(
                'pair',
                other
                  ? `${device.name} follows ${device.follow}, and its ${differing.join(', ')} differ from those on ${peer.name}`
                  : `${device.name} follows ${device.follow}, and ${peer.name} has no device of this name`,
                'set the device once, in the group of the pair',
              ),
              also: {host: peer.name},
            },
          ]
        }),
    ),
  ]
}

const said = (device: DeviceVars) => ({
  key: device.private_key.reveal(),
  'next key': device.next_private_key?.reveal(),
  port: portOf(device),
  follow: device.follow,
  addresses: JSON.stringify(device.addresses),
  source: JSON.stringify(device.source),
  peers: JSON.stringify(device.peers.map(peer => ({...peer, preshared_key: peer.preshared_key?.reveal()}))),
})
