import type {RoleProblem} from 'gatewright'
import {type Context, problem} from './problem.ts'
import {type DeviceVars, publicKeyOf, type WireguardVars} from './view.ts'

type Owner = {readonly host: string; readonly pair: string | undefined; readonly device: DeviceVars}

/** Every device of the inventory, this host's first. */
export const allDevices = ({vars, host, peers, others}: Context): readonly Owner[] =>
  [{...host, vars}, ...peers, ...others].flatMap(
    ({name, pair, vars: {devices}}: Context['peers'][number] & {vars: WireguardVars}) =>
      devices.map(device => ({host: name, pair, device})),
  )

/** A key is one device's: two that are up take the packets of each other. And a device is no peer of itself. */
export const keyProblems = (context: Context): RoleProblem[] => {
  const all = allDevices(context)
  return all
    .filter(({host}) => host === context.host.name)
    .flatMap((mine): RoleProblem[] => {
      const key = publicKeyOf(mine.device.private_key)
      const others = all.filter(other => other !== mine && publicKeyOf(other.device.private_key) === key)
      const {name, next_private_key: next, peers} = mine.device
      return [
        ...others
          .filter(other => !isPair(mine, other))
          .map(({host, device}) => ({
            ...problem(
              'key-shared',
              `${name} has the key of ${device.name} on ${host}, and both would be up`,
              'give each a key of its own; one key on a pair needs the same name and `follow` on both',
            ),
            ...(host !== context.host.name && {also: {host}}),
          })),
        ...(next && publicKeyOf(next) === key
          ? [problem('next-key', `the next key of ${name} is the one that it has`, 'leave next_private_key out')]
          : []),
        ...peers
          .filter(({public_key, next_public_key}) => [public_key, next_public_key].includes(key))
          .map(peer =>
            problem('key-shared', `${peer.name} on ${name} has the key of ${name} itself`, 'give it its own'),
          ),
        ...peers
          .filter((peer, index) => peers.findIndex(({public_key}) => public_key === peer.public_key) < index)
          .map(peer => problem('key-shared', `${peer.name} has the key of another peer of ${name}`, 'give it its own')),
      ]
    })
}

const isPair = (one: Owner, other: Owner): boolean =>
  one.pair !== undefined &&
  one.pair === other.pair &&
  one.host !== other.host &&
  one.device.name === other.device.name &&
  Boolean(one.device.follow) &&
  one.device.follow === other.device.follow
