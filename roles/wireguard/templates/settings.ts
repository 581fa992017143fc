import type {Carrier, DeviceView} from '../view.ts'
import {families, familyOf} from '../view.ts'

const hex = (mark: number): string => `0x${mark.toString(16)}`
/** As ip(8) prints it. */
const printed = (prefix: string): string => prefix.replace(/(?<=\..*)\/32$|\/128$/, '')

/**
 * /etc/gatewright/wireguard/<device>: what the programs of the role need, and what a diff shows; no secret. Rules and routes
 * stand there as `ip -N` prints them, so that comparing is comparing text.
 */
export const settings = (view: DeviceView): string => {
  const {publicKey, nextPublicKey, follow, mtu, addresses, carrier, routes, peers} = view
  return `# Written by gatewright; changes are overwritten.
${lines([
  `set public_key ${publicKey}`,
  ...(nextPublicKey === undefined ? [] : [`set next_public_key ${nextPublicKey}`]),
  ...(follow === undefined ? [] : [`set follow ${follow}`]),
  `set mtu ${mtu}`,
  ...addresses.map(address => `address ${address}`),
  ...(carrier === undefined ? [] : carrierLines(carrier)),
  ...routes.map(prefix => `main ${familyOf(prefix)} ${printed(prefix)}`),
  ...peers.flatMap(({name, publicKey: key, nextPublicKey: next, endpoint = '-', keepalive, allowedIps}) => [
    `peer ${key} ${name} ${keepalive} ${endpoint} ${allowedIps.join(',') || '-'}`,
    ...(next === undefined ? [] : [`next ${next} ${key}`]),
  ]),
])}`
}

/**
 * Marked packets take this table alone: where the link or its router is gone they are refused, not sent another way, and the
 * tunnels of two links do not share the fate of one.
 */
const carrierLines = ({device, mark, mask, table, priority, paths}: Carrier): string[] => [
  `table ${table}`,
  `priority ${priority}`,
  ...families.map(family => `rule ${family} ${priority} from all fwmark ${hex(mark)}/${hex(mask)} lookup ${table}`),
  ...paths.flatMap(({family, networks, gateway, source}) => {
    const from = source === undefined ? '' : ` src ${source}`
    return [
      ...networks.map(
        network =>
          `route ${family} ${table} ${printed(network)} dev ${device}${family === 4 ? ' scope link' : ''}${from}`,
      ),
      ...(gateway === undefined
        ? []
        : [
            `route ${family} ${table} default via ${gateway} dev ${device}${from}`,
            `route ${family} ${table} unreachable default metric 4096`,
          ]),
    ]
  }),
]

const lines = (texts: readonly string[]): string => texts.map(text => `${text}\n`).join('')
