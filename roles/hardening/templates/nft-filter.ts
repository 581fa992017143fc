import type {FirewallView, Permit} from '../view/firewall.ts'

const set = (items: readonly (string | number)[]): string =>
  items.length === 1 ? String(items[0]) : `{ ${items.join(', ')} }`
const devices = (names: readonly string[]): string => set(names.map(name => `"${name}"`))

const transport = ({protocols, ports}: Permit): string[] => {
  const name = {6: 'tcp', 17: 'udp', 132: 'sctp'}[protocols[0] ?? 0]
  if (protocols.length === 0) return []
  return ports.length > 0 && name !== undefined ? [`${name} dport ${set(ports)}`] : [`meta l4proto ${set(protocols)}`]
}

const permit = (each: Permit): string =>
  [
    ...(each.from.length === 0 ? [] : [`iifname ${devices(each.from)}`]),
    ...(each.to.length === 0 ? [] : [`oifname ${devices(each.to)}`]),
    ...(each.family === undefined || each.source.length > 0 || each.destination.length > 0
      ? []
      : [`meta nfproto ${each.family === 'ip' ? 'ipv4' : 'ipv6'}`]),
    ...(each.source.length === 0 ? [] : [`${each.family} saddr ${set(each.source)}`]),
    ...(each.destination.length === 0 ? [] : [`${each.family} daddr ${set(each.destination)}`]),
    ...transport(each),
    `counter accept comment "${each.comment}"`,
  ].join(' ')

const log = (rate: number, what: string): string[] =>
  rate === 0 ? [] : [`limit rate ${rate}/minute burst ${rate} packets log prefix "gatewright ${what}: " level info`]

const lines = (rules: readonly string[]): string => rules.map(rule => `    ${rule}\n`).join('')

/**
 * The body of the table `inet gatewright_filter`. A new TCP connection begins with SYN: what comes in the middle of one that
 * this gateway does not know is dropped, so that conntrackd's synchronisation, and nothing else, lets sessions move.
 */
export const nftFilter = (view: FirewallView): string => `\
  set admitted_ip {
    type ipv4_addr
    flags timeout
    comment "hardening.admit: SSH from here for a while"
  }
  set admitted_ip6 {
    type ipv6_addr
    flags timeout
    comment "hardening.admit: SSH from here for a while"
  }
  chain spoofed {
    type filter hook prerouting priority raw; policy accept;
${lines(
  view.spoofing.map(
    ({devices: on, family, networks}) =>
      `iifname != ${devices(['lo', ...on])} ${family} saddr ${set(networks)} counter drop comment "this network is on ${on.join(', ')}"`,
  ),
)}  }
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
${lines(view.ssh.map(permit))}    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept
    ct state invalid counter drop
${lines([
  `meta l4proto tcp tcp flags & (fin | syn | rst | ack) != syn counter drop comment "in the middle of an unknown connection"`,
  `ip saddr @admitted_ip tcp dport ${view.sshPort} counter accept`,
  `ip6 saddr @admitted_ip6 tcp dport ${view.sshPort} counter accept`,
  ...view.managementAddresses.map(
    ({family, addresses}) =>
      `iifname != "${view.managementDevice}" ${family} daddr ${set(addresses)} counter drop comment "management is reached over its own link"`,
  ),
  'icmp type { destination-unreachable, time-exceeded, parameter-problem } limit rate 1000/second accept',
  'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } limit rate 1000/second accept',
  // Switches that snoop forget who listens to VRRP's groups unless queries are answered.
  'meta l4proto 2 ip daddr 224.0.0.0/24 limit rate 100/second accept',
  'icmpv6 type mld-listener-query ip6 saddr fe80::/10 limit rate 100/second accept',
  `icmp type echo-request limit rate ${view.echoRate}/second burst ${view.echoRate} packets accept`,
  `icmpv6 type echo-request limit rate ${view.echoRate}/second burst ${view.echoRate} packets accept`,
  ...view.input.map(permit),
  ...log(view.logRate, 'input'),
  'counter comment "dropped by default"',
])}  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ct state invalid counter drop
${lines([
  `meta l4proto tcp tcp flags & (fin | syn | rst | ack) != syn counter drop comment "in the middle of an unknown connection"`,
  ...(view.managementDevice === undefined
    ? []
    : [
        `iifname "${view.managementDevice}" counter drop comment "nothing passes from management"`,
        `oifname "${view.managementDevice}" counter drop comment "nothing passes to management"`,
      ]),
  ...view.forward.map(permit),
  ...log(view.logRate, 'forward'),
  'counter comment "dropped by default"',
])}  }
  chain output {
    type filter hook output priority filter; policy accept;
  }
`
