import {$, answers, type Fact, fileContent, type OfferContext, packetFilter} from 'gatewright'
import type {Status} from '../status.ts'
import {type MwanVars, uplinksOf} from '../view.ts'

/** What the kernel and the tracker do with the uplinks. */
export type Steering = {
  /** What `systemctl is-active gatewright-mwan` says. */
  readonly active: string
  /** Seconds since the tracker has written what it knows. */
  readonly age: number
  readonly status: Status | undefined
  /** Kernel parameter -> value. */
  readonly kernel: Readonly<Record<string, number>>
  /** Priorities of ip-rule(8), by family. */
  readonly rules: Readonly<Record<4 | 6, readonly number[]>>
  /** Connections by mark, as conntrack(8) has them. */
  readonly connections: readonly {readonly mark: number; readonly all: number; readonly unreplied: number}[]
  /** Device -> packets since it is there. */
  readonly packets: Readonly<Record<string, {readonly received: number; readonly sent: number}>>
}

const steering = (devices: readonly string[]): Fact<Steering> => ({
  name: 'steering of mwan',
  command: $`
echo "active $(systemctl is-active gatewright-mwan)"
date '+now %s'
for k in ip_forward conf.all.rp_filter conf.all.src_valid_mark; do echo "kernel $k $(cat "/proc/sys/net/ipv4/$(echo "$k" | tr . /)")"; done
for d in ${devices}; do
[ -d "/sys/class/net/$d" ] || continue
echo "kernel conf.$d.rp_filter $(cat "/proc/sys/net/ipv4/conf/$d/rp_filter")"
echo "packets $d $(cat "/sys/class/net/$d/statistics/rx_packets") $(cat "/sys/class/net/$d/statistics/tx_packets")"
done
for f in 4 6; do ip "-$f" rule show | sed "s/:.*//; s/^/rule $f /"; done
conntrack -L 2>/dev/null | awk '{ m = 0; for (i = 1; i <= NF; i++) if ($i ~ /^mark=/) m = substr($i, 6); n[m]++; if (/UNREPLIED/) u[m]++ }
END { for (m in n) print "mark", m, n[m], u[m] + 0 }'
echo state
cat /run/gatewright/mwan/state.json 2>/dev/null
exit 0`,
  parse({stdout}) {
    const [head = '', json = ''] = stdout.split(/^state$/m)
    const lines = head.split('\n').map(line => line.split(' '))
    const of = (word: string): string[][] => lines.flatMap(([first, ...rest]) => (first === word ? [rest] : []))
    const status = json.trim() === '' ? undefined : (JSON.parse(json) as Status)
    const rules = (family: string) => of('rule').flatMap(([of, priority]) => (of === family ? [Number(priority)] : []))
    return {
      active: of('active')[0]?.[0] ?? 'unknown',
      age: status ? Number(of('now')[0]?.[0]) - status.time : 0,
      status,
      kernel: Object.fromEntries(of('kernel').map(([key = '', value]) => [key, Number(value)])),
      rules: {4: rules('4'), 6: rules('6')},
      connections: of('mark').map(([mark, all, unreplied]) => ({
        mark: Number(mark),
        all: Number(all),
        unreplied: Number(unreplied),
      })),
      packets: Object.fromEntries(
        of('packets').map(([device = '', received, sent]) => [
          device,
          {received: Number(received), sent: Number(sent)},
        ]),
      ),
    }
  },
})

export const observe = ({vars, host}: OfferContext<MwanVars>) => {
  const uplinks = uplinksOf(vars, host)
  return {
    packetFilter,
    steering: steering(uplinks.map(({device}) => device)),
    conf: fileContent('/etc/gatewright/mwan/routes'),
    gateways: answers(
      'which gateways of uplinks answer',
      uplinks.flatMap(({device, paths}) =>
        paths.flatMap(({gateway}) => (gateway === undefined ? [] : [{device, address: gateway}])),
      ),
    ),
  }
}
