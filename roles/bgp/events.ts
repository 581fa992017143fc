import type {EventSource} from 'gatewright'

/** `%ADJCHANGE: neighbor 192.0.2.1(upstream) in vrf default Down BGP Notification received` */
const adjacency = /%ADJCHANGE: neighbor (\S+?)(?:\(\S*\))? in vrf \S+ (Up|Down)(.*)$/
const bfd = /%NOTIFICATION.*: (received from|sent to) neighbor (\S+) .*BFD Down/

export const events: readonly EventSource[] = [
  {
    unit: 'frr',
    kind: 'BGP',
    says: line => {
      const [, neighbor, to, why = ''] = adjacency.exec(line) ?? []
      return neighbor === undefined ? undefined : `${neighbor} ${to}${why}`
    },
  },
  {
    unit: 'frr',
    kind: 'BFD',
    says: line => {
      const [, how, neighbor] = bfd.exec(line) ?? []
      return neighbor === undefined ? undefined : `${neighbor} down, ${how === 'sent to' ? 'seen here' : 'seen there'}`
    },
  },
  {unit: 'gatewright-bgp-watch', kind: 'BGP', says: line => (line.startsWith('VRRP rank: ') ? line : undefined)},
]
