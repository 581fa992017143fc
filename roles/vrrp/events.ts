import type {EventSource} from 'gatewright'

/** `(gateway) Entering MASTER STATE`, and why a master gives up or a backup takes over. */
const keepalived =
  /^\(\S+\) (Entering \w+ STATE.*|Backup received priority 0 .*|Master received advert .*|received lower priority .*|ip address .*removed.*)$|^(Track file .*|Netlink reports \S+ (?:up|down).*|Script .*(?:failed|succeeded).*)$/

const conntrackd = /^(committed .*|resync (?:requested|with) .*|sending bulk update|flushing .*|.* node .*)$/

export const events: readonly EventSource[] = [
  {
    unit: 'keepalived',
    kind: 'VRRP',
    says: line => {
      const found = keepalived.exec(line)
      return found ? (found[1] ?? found[2]) : undefined
    },
  },
  {
    unit: 'keepalived',
    kind: 'VRRP',
    says: line => (line.startsWith('Starting Keepalived ') ? 'keepalived starts' : undefined),
  },
  {
    unit: 'gatewright-vrrp',
    kind: 'VRRP',
    says: line => (/^\w+ -> \w+$|the sync path is|peer is gone/.test(line) ? line.replace(/^<\d>/, '') : undefined),
  },
  // It says everything twice; what comes by syslog has no time in front.
  {unit: 'conntrackd', kind: 'conntrack', says: line => conntrackd.exec(line)?.[1]},
]
