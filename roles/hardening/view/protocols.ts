/** IANA's numbers: the ruleset shall not depend on the host's /etc/protocols, which a minimal Debian lacks. */
const numbers: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
}

export const protocolNumber = (name: string): number | undefined =>
  /^\d+$/.test(name) && Number(name) <= 255 ? Number(name) : numbers[name.toLowerCase()]

export const protocolNames = Object.keys(numbers)
