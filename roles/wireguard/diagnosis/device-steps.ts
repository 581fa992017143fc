import {
  type DiagnosisStep,
  dropsOf,
  type FilterChain,
  type Host,
  type LinkFact,
  type Look,
  tunnelState,
  type Wrong,
} from 'gatewright'
import {sessionSeconds} from '../health.ts'
import {unitOf} from '../places.ts'
import {
  allowedOf,
  canonical,
  carrierOf,
  type DeviceVars,
  endpointAddress,
  endpointPort,
  mtuOf,
  portOf,
  publicKeyOf,
  type WireguardVars,
} from '../view.ts'
import {farAddress, type Seen} from './observe.ts'

/** A device, and what was seen of it. */
export type Case = {
  readonly device: DeviceVars
  readonly vars: WireguardVars
  readonly host: Host
  readonly links: Readonly<Record<string, LinkFact>>
  readonly chains: readonly FilterChain[] | undefined
  readonly seen: Seen
}
type DeviceStep = Pick<DiagnosisStep, 'id' | 'stage' | 'asks' | 'unless'> & {
  readonly look: (each: Case) => Look | undefined
}

const replay = (host: string): string => `gatewright play playbooks/site.yml --limit ${host}`
const again = (host: string, device: string): string =>
  `gatewright exec ${host} --become -- systemctl restart ${unitOf(device)}`
const where = ['wireguard-link', 'wireguard-device', 'wireguard-settings', 'wireguard-filter', 'wireguard-route']

export const deviceSteps: readonly DeviceStep[] = [
  {
    id: 'wireguard-link',
    stage: 'link',
    asks: 'is the link up that carries it',
    look({device, vars, host, links}) {
      const carrier = carrierOf(device, vars, host)?.device
      if (carrier === undefined) return undefined
      const is = links[carrier]
      return {
        saw: `over ${carrier}`,
        wrong:
          is?.up && is.carrier
            ? []
            : [
                {
                  saw: `${carrier} ${is === undefined ? 'is not there' : is.up ? 'has no carrier' : 'is down'}`,
                  means: 'the tunnel is bound to this link, and nothing carries its packets',
                  repair: is?.up
                    ? `plug in the cable of ${carrier} on ${host.name}, then gatewright diagnose vpn-drops`
                    : `gatewright exec ${host.name} --become -- ip link set ${carrier} up`,
                },
              ],
      }
    },
  },
  {
    id: 'wireguard-device',
    stage: 'service',
    asks: 'is the device there, and watched',
    look({device: {name}, host, seen: {device}}) {
      const wrong: Wrong[] = []
      if (!device.isApplied)
        wrong.push({saw: 'the role was never applied', means: 'there is no tunnel yet', repair: replay(host.name)})
      else {
        if (device.publicKey === undefined)
          wrong.push({
            saw: `there is no device, ${unitOf(name)} is ${device.unit}`,
            means: 'somebody has stopped it: nothing goes through the tunnel',
            repair: again(host.name, name),
          })
        if (device.watcher !== 'active')
          wrong.push({
            saw: `gatewright-wireguard is ${device.watcher}`,
            means: 'nobody brings a device back that is gone, and it does not follow the virtual address',
            repair: `gatewright exec ${host.name} --become -- systemctl restart gatewright-wireguard`,
          })
      }
      return {saw: 'there, and watched', wrong}
    },
  },
  {
    id: 'wireguard-settings',
    stage: 'settings',
    asks: 'has it the keys, far ends and MTU of the playbook',
    look({device, host, links, seen}) {
      if (seen.device.publicKey === undefined) return undefined
      const differences = differencesOf(device, seen, links)
      return {
        saw: `${device.peers.length} far ends as the playbook says`,
        wrong: differences.slice(0, 1).map(saw => ({
          saw,
          means: 'the far end does not know this one any more, or packets are sent to somebody else',
          repair: again(host.name, device.name),
        })),
      }
    },
  },
  {
    id: 'wireguard-filter',
    stage: 'filter',
    asks: 'does the packet filter let its packets pass',
    look({device, host, chains}) {
      if (chains === undefined) return undefined
      const endpoints = device.peers.flatMap(({endpoint}) => (endpoint === undefined ? [] : [endpoint]))
      const drops = dropsOf(chains, {
        udpPorts: [portOf(device), ...endpoints.map(endpointPort)],
        addresses: endpoints.flatMap(endpoint => endpointAddress(endpoint) ?? []),
      })
      return {
        saw: `no rule drops UDP ${portOf(device)}`,
        wrong: drops.slice(0, 1).map(rule => ({
          saw: rule,
          means: 'this gateway drops the packets of its own tunnel',
          repair: `gatewright exec ${host.name} --become -- nft delete table ${rule.split(' ').slice(0, 2).join(' ')}`,
        })),
      }
    },
  },
  {
    id: 'wireguard-route',
    stage: 'routes',
    asks: 'do its packets find their way out',
    unless: ['wireguard-link', 'wireguard-device'],
    look({device, vars, host, seen: {flow}}) {
      if (flow === undefined) return undefined
      const carrier = carrierOf(device, vars, host)?.device
      const isAstray = flow.device === undefined || (carrier !== undefined && flow.device !== carrier)
      return {
        saw: `by ${flow.device ?? 'nothing'}`,
        wrong: isAstray
          ? [
              {
                saw:
                  flow.device === undefined
                    ? `no way to the far end: ${flow.complaint}`
                    : `its packets leave by ${flow.device}, not by ${carrier}`,
                means:
                  'the rule or the table of this tunnel is gone: its packets go nowhere, or over the link of the other tunnel',
                repair: again(host.name, device.name),
              },
            ]
          : [],
      }
    },
  },
  {
    id: 'wireguard-answers',
    stage: 'path',
    asks: 'does the far end answer',
    unless: where,
    look({device, seen}) {
      const {probe, flow} = seen
      const ages = seen.device.peers.map(({age}) => age)
      const newest = Math.min(...ages.flatMap(age => age ?? []))
      const age = Number.isFinite(newest) ? `the last handshake is ${newest} s old` : 'there was no handshake'
      const state = probe ? tunnelState(probe) : newest <= sessionSeconds ? 'well' : 'silent'
      const [peer] = device.peers
      // A far end may have moved (roaming): that is wrong only when it does not answer there.
      const at = seen.device.peers.find(({key}) => key === peer?.public_key)?.endpoint
      const moved =
        peer?.endpoint === undefined || at === undefined || at === peer.endpoint ? '' : `, it is looked for at ${at}`
      const back = {
        replied: 'packets came back lately',
        unreplied: 'no packet has come back',
        none: 'no packet was sent lately',
      }
      return {
        saw: `${age}${probe?.small === undefined ? '' : `, ${probe.small} of 3 echoes`}`,
        wrong:
          // One that is heard and answers no echo may be made so, while its session lives.
          state === 'silent' || (state !== 'well' && state !== 'narrow' && !(newest <= sessionSeconds))
            ? [
                {
                  saw: `${age}, none of 3 echoes, ${flow ? back[flow.connection] : 'the far end speaks first'}${moved}`,
                  means: `UDP does not come through to ${peer?.endpoint ?? 'the far end'} and back: a filter on the way, its port, or a key that it does not know`,
                  repair:
                    peer?.host === undefined
                      ? `ask the far end whether UDP ${peer?.endpoint ?? portOf(device)} arrives there, and for the key ${publicKeyOf(device.private_key)}`
                      : `gatewright task ${peer.host} wireguard.status --become`,
                },
              ]
            : [],
      }
    },
  },
  {
    id: 'wireguard-mtu',
    stage: 'path',
    asks: 'do large packets come through',
    unless: [...where, 'wireguard-answers'],
    look({device, host, seen: {probe}}) {
      if (probe === undefined) return undefined
      const mtu = mtuOf(device)
      return {
        saw: `${probe.large ?? 'none'} of 2 echoes of ${mtu} bytes`,
        wrong:
          tunnelState(probe) === 'narrow'
            ? [
                {
                  saw: `${probe.small} of 3 small echoes from ${farAddress(device)}, none of ${mtu} bytes`,
                  means: `the path takes no packets as large as the tunnel's: connections open and then hang`,
                  repair: `set mtu: 1280 for ${device.name} in wireguard_devices, then ${replay(host.name)}`,
                },
              ]
            : [],
      }
    },
  },
]

const differencesOf = (device: DeviceVars, {device: found}: Seen, links: Case['links']): string[] => {
  const own = [device.private_key, ...(device.next_private_key ? [device.next_private_key] : [])].map(publicKeyOf)
  const mtu = links[device.name]?.mtu
  return [
    ...(own.includes(found.publicKey ?? '') ? [] : [`its public key is ${found.publicKey}, not ${own[0]}`]),
    ...(device.mtu !== undefined && mtu !== undefined && mtu !== device.mtu
      ? [`its MTU is ${mtu}, not ${device.mtu}`]
      : []),
    ...device.peers.flatMap(({name, public_key, next_public_key, ...peer}) => {
      const known = found.peers.find(({key}) => key === public_key || key === next_public_key)
      if (!known) return [`the key of ${name} is not among its peers`]
      const missing = allowedOf(peer as DeviceVars['peers'][number])
        .map(canonical)
        .filter(prefix => !known.allowedIps.includes(prefix))
      return missing.length > 0 ? [`${missing.join(', ')} behind ${name} is not let in`] : []
    }),
  ]
}
