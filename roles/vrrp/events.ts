import type {EventSource} from 'gatewright'

/** `(gateway) Entering MASTER STATE`, and why a master gives up or a backup takes over. */
const keepalived =
  /^\(\S+\) (Entering \w+ STATE.*|Backup received priority 0 .*|Master received advert .*|received lower priority .*|Changing effective priority .*|ip address .*removed.*)$|^(Track file .*|Netlink reports \S+ (?:up|down).*|Script .*(?:failed|succeeded).*)$/

/** Two masters meet, and none is the better one (RFC 9568, 6.4.3). */
const samePriority = /Master received advert from (\S+) with same priority (\d+) but/

const conntrackd = /^(committed .*|resync (?:requested|with) .*|sending bulk update|flushing .*|.* node .*)$/

export const events: readonly EventSource[] = [
  {
    unit: 'keepalived',
    kind: 'VRRP',
    says: line => {
      const found = keepalived.exec(line)
      return found ? (found[1] ?? found[2]) : undefined
    },
    wrong: line => {
      const [, peer, priority] = samePriority.exec(line) ?? []
      return peer === undefined
        ? undefined
        : `this gateway and ${peer} have the same priority ${priority}, so that their addresses decide who is master: set vrrp_priority to 200 on the one and 150 on the other`
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
