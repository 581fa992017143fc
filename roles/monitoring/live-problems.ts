import type {LiveContext, LiveProblem} from 'gatewright'
import type {MonitoringVars} from './vars.ts'

type Facts = {
  readonly cpu: {readonly count: number; readonly model: string; readonly aes: boolean}
  readonly memory: {readonly totalMiB: number; readonly availableMiB: number}
}

/** A tracked connection takes 256 bytes of the kernel's memory with its extensions, and as much again in each cache of conntrackd. */
const connectionBytes = 2 * 256 + 256
/** What the table may take of the memory when it is full. */
const memoryShare = 0.5

/** Whether the machine can carry what it is asked to: advice, as it works until it is busy. */
export const liveProblems = ({host, facts, offers}: LiveContext<MonitoringVars, Facts>): readonly LiveProblem[] => [
  ...(!facts.cpu.aes && offers.some(offer => offer.offer === 'monitored' && offer.what.startsWith('openvpn'))
    ? [
        {
          rule: 'monitoring-aes',
          variable: 'link',
          what: `${host.name} has no AES in hardware (${facts.cpu.model || 'unknown CPU'}): OpenVPN with AES is slow there`,
          fix: 'prefer CHACHA20-POLY1305, use WireGuard, or another machine',
          isAdvice: true as const,
        },
      ]
    : []),
  ...offers.flatMap((offer): readonly LiveProblem[] => {
    if (offer.offer !== 'sysctl' || offer.key !== 'net.netfilter.nf_conntrack_max') return []
    const mebibytes = Math.ceil((Number(offer.value) * connectionBytes) / 1024 ** 2)
    return mebibytes <= memoryShare * facts.memory.totalMiB
      ? []
      : [
          {
            rule: 'monitoring-conntrack-memory',
            variable: 'conntrack_full',
            what: `${offer.value} connections would take ${mebibytes} MiB of the ${facts.memory.totalMiB} MiB of ${host.name}`,
            fix: 'a lower vrrp_conntrack_max, or more memory',
            isAdvice: true as const,
          },
        ]
  }),
]
