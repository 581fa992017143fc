import {
  $,
  type Fact,
  type OfferContext,
  packetFilter,
  type TunnelProbe,
  tunnelProbe,
  type UdpFlow,
  udpFlow,
} from 'gatewright'
import {unitFile, unitOf} from '../places.ts'
import {
  allowedOf,
  canonical,
  carrierOf,
  type DeviceVars,
  endpointAddress,
  endpointPort,
  familyOf,
  mtuOf,
  type WireguardVars,
} from '../view.ts'

export type PeerOnHost = {
  readonly key: string
  readonly endpoint: string
  readonly allowedIps: readonly string[]
  /** Seconds since the last handshake; undefined: there was none. */
  readonly age: number | undefined
  readonly received: number
  readonly sent: number
}
/** A device as the kernel, or wireguard-go, has it. */
export type DeviceOnHost = {
  readonly isApplied: boolean
  /** What `systemctl is-active` says of the watcher and of the device's unit. */
  readonly watcher: string
  readonly unit: string
  readonly isMaster: boolean
  /** Undefined: there is no such device. */
  readonly publicKey: string | undefined
  readonly peers: readonly PeerOnHost[]
}

/** Nothing secret leaves the host. */
const deviceOnHost = (name: string): Fact<DeviceOnHost> => ({
  name: `WireGuard ${name} as it is`,
  command: $`
[ -e ${unitFile} ] && echo 'applied'
echo "watcher $(systemctl is-active gatewright-wireguard)"
echo "unit $(systemctl is-active ${unitOf(name)})"
grep -qs '"state":"MASTER"' /run/gatewright/vrrp/state && echo 'master'
date '+now %s'
wg show ${name} dump 2>/dev/null | awk -F '\\t' 'NR == 1 { print "key", $2 } NR > 1 { print "peer", $1, $3, $4, $5, $6, $7 }'
exit 0`,
  parse({stdout}) {
    const lines = stdout.split('\n').map(line => line.split(' '))
    const of = (word: string): string[][] => lines.flatMap(([first, ...rest]) => (first === word ? [rest] : []))
    const now = Number(of('now')[0]?.[0])
    return {
      isApplied: of('applied').length > 0,
      watcher: of('watcher')[0]?.[0] ?? 'unknown',
      unit: of('unit')[0]?.[0] ?? 'unknown',
      isMaster: of('master').length > 0,
      publicKey: of('key')[0]?.[0],
      peers: of('peer').map(([key = '', endpoint = '', allowed = '', shook, received, sent]) => ({
        key,
        endpoint,
        allowedIps: allowed === '(none)' ? [] : allowed.split(','),
        age: Number(shook) === 0 ? undefined : now - Number(shook),
        received: Number(received),
        sent: Number(sent),
      })),
    }
  },
})

/** The far end's own address in the tunnel: the first that stands alone among what is behind it. */
export const farAddress = (device: DeviceVars): string | undefined =>
  device.peers
    .flatMap(allowedOf)
    .map(canonical)
    .find(prefix => prefix.endsWith(familyOf(prefix) === 4 ? '/32' : '/128'))
    ?.replace(/\/.*/, '')

/** Facts are found again under these names. */
export const keysOf = ({name}: Pick<DeviceVars, 'name'>) =>
  ({device: `device ${name}`, probe: `probe ${name}`, flow: `flow ${name}`}) as const

export const observe = ({vars, host}: OfferContext<WireguardVars>): Record<string, Fact<any>> => ({
  packetFilter,
  ...Object.assign(
    {},
    ...vars.devices.map(device => {
      const keys = keysOf(device)
      const far = farAddress(device)
      const endpoint = device.peers.map(peer => peer.endpoint).find(each => endpointAddress(each) !== undefined)
      const carrier = carrierOf(device, vars, host)
      return {
        [keys.device]: deviceOnHost(device.name),
        ...(far !== undefined && {[keys.probe]: tunnelProbe(device.name, far, mtuOf(device))}),
        ...(endpoint !== undefined && {
          [keys.flow]: udpFlow(device.name, {
            address: endpointAddress(endpoint) ?? '',
            port: endpointPort(endpoint),
            ...(carrier && {mark: carrier.mark}),
          }),
        }),
      }
    }),
  ),
})

/** What was observed of one device. */
export type Seen = {readonly device: DeviceOnHost; readonly probe?: TunnelProbe; readonly flow?: UdpFlow}
