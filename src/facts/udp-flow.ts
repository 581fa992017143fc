import {$} from '../shell/command.ts'
import type {Fact} from './fact.ts'

/** What the host itself does to send UDP to an address, and whether anything came back. */
export type UdpFlow = {
  /** Device by which it leaves, or what ip-route(8) says instead. */
  readonly device: string | undefined
  readonly complaint: string | undefined
  /** By conntrack(8): `replied` both ways, `unreplied` only out, `none` no packet lately. */
  readonly connection: 'replied' | 'unreplied' | 'none'
}

/** `mark` and `device` are what the socket is bound to, if anything. */
export const udpFlow = (
  name: string,
  {address, port, mark, device}: {address: string; port: number; mark?: number; device?: string},
): Fact<UdpFlow> => ({
  name: `UDP of ${name}`,
  command: $`
echo "route $(ip -o route get ${address} ${mark === undefined ? [] : ['mark', mark]} ${device === undefined ? [] : ['oif', device]} 2>&1 | head -n 1)"
conntrack -L -p udp -d ${address} --dport ${port} 2>/dev/null | sed 's/^/flow /'
exit 0`,
  parse({stdout}) {
    const lines = stdout.split('\n')
    const route = lines.find(line => line.startsWith('route '))?.slice('route '.length) ?? ''
    const found = lines.filter(line => line.startsWith('flow '))
    const device = / dev (\S+)/.exec(route)?.[1]
    return {
      device,
      complaint: device === undefined ? route : undefined,
      connection:
        found.length === 0 ? 'none' : found.some(line => !line.includes('[UNREPLIED]')) ? 'replied' : 'unreplied',
    }
  },
})
