import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'

/** Echoes from the far end of a tunnel, and how much its device has received meanwhile. */
export type TunnelProbe = {
  /** Of three small ones; undefined: it could not be tried. */
  readonly small: number | undefined
  /** Of two as large as the tunnel takes. */
  readonly large: number | undefined
  readonly sentPackets: number
  readonly receivedPackets: number
}

const [smallCount, largeCount] = [3, 2]
/** Headers of IP and ICMP: RFC 791 and RFC 792, RFC 8200 and RFC 4443. */
const headers = {4: 28, 6: 48} as const

/** Asks an address in a tunnel whether it is there, and whether full-sized packets come through. It takes four seconds at most. */
export const tunnelProbe = (device: string, address: string, mtu: number): Fact<TunnelProbe> => ({
  name: `echoes through ${device}`,
  command: $`
count() { cat /sys/class/net/${device}/statistics/"$1" 2>/dev/null || echo 0; }
echoes() { ping -n -q -I ${device} -W 1 "$@" ${address} 2>/dev/null | sed -n 's/.* \\([0-9]*\\) received.*/\\1/p'; }
sent=$(count tx_packets) received=$(count rx_packets)
echo "small $(echoes -c ${smallCount} -i 0.3)"
echo "large $(echoes -c ${largeCount} -i 0.3 -M do -s ${mtu - headers[address.includes(':') ? 6 : 4]})"
echo "sent $(($(count tx_packets) - sent))"
echo "received $(($(count rx_packets) - received))"`,
  parse: ({stdout}) => {
    const read = new Map(stdout.split('\n').map(line => line.split(' ') as [string, string]))
    const number = (key: string): number | undefined => {
      const text = read.get(key) ?? ''
      return text === '' ? undefined : Number(text)
    }
    return {
      small: number('small'),
      large: number('large'),
      sentPackets: number('sent') ?? 0,
      receivedPackets: number('received') ?? 0,
    }
  },
})

/** `silent`: nothing came back at all; `narrow`: small packets come through and large ones do not; `mute`: it is heard, and answers no echo. */
export type TunnelState = 'well' | 'silent' | 'narrow' | 'mute' | 'unknown'

/** What a probe says of a tunnel. */
export const tunnelState = ({small, large, receivedPackets}: TunnelProbe): TunnelState => {
  if (small === undefined || large === undefined) return 'unknown'
  if (small > 0) return large > 0 ? 'well' : 'narrow'
  return receivedPackets > 0 ? 'mute' : 'silent'
}
