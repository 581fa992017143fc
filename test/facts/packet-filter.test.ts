import test from 'ava'
import {chainsIn, closedFor, dropsOf} from '../../src/facts/packet-filter.ts'

/** As nft 1.0.6 prints it. */
const printed = `table inet gatewright_filter {
	set admitted_ip {
		type ipv4_addr
		flags timeout
		comment "udp dport 51820 drop"
	}

	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		iifname "sync" ip saddr 10.10.255.3 meta l4proto vrrp counter packets 0 bytes 0 accept comment "VRRP advertisements"
		udp dport { 1194, 51820 } counter packets 7 bytes 700 accept comment "drop"
	}

	chain output {
		type filter hook output priority filter; policy accept;
		ip daddr 203.0.113.10 udp dport 51000-52000 counter packets 3 bytes 300 drop
		meta l4proto { tcp, 112 } reject
	}
}
table netdev mute {
	chain ingress {
		type filter hook ingress device "wan-a" priority -500; policy drop;
	}
}`
const chains = chainsIn(printed)

test('chains are read with what they are hooked to', t => {
  t.deepEqual(
    chains.map(({family, table, name, hook, device, policy, rules}) => [
      family,
      table,
      name,
      hook,
      device,
      policy,
      rules.length,
    ]),
    [
      ['inet', 'gatewright_filter', 'input', 'input', undefined, 'drop', 3],
      ['inet', 'gatewright_filter', 'output', 'output', undefined, 'accept', 2],
      ['netdev', 'mute', 'ingress', 'ingress', 'wan-a', 'drop', 0],
    ],
  )
})

test('rules that drop certain packets, in ranges and sets, and never by what a comment says', t => {
  const places = (traffic: Parameters<typeof dropsOf>[1]) => dropsOf(chains, traffic).map(each => each.split(':')[0])
  t.deepEqual(places({udpPorts: [51820]}), ['inet gatewright_filter output'])
  t.deepEqual(places({udpPorts: [1194]}), [])
  t.deepEqual(places({addresses: ['203.0.113.10']}), ['inet gatewright_filter output'])
  t.deepEqual(places({protocol: ['112', 'vrrp']}), ['inet gatewright_filter output'])
  t.deepEqual(places({devices: ['wan-a']}), ['netdev mute ingress'])
  t.deepEqual(places({devices: ['wan-b']}), [])
})

test('a chain that drops by default and lets a protocol in is open for it', t => {
  t.deepEqual(closedFor(chains, 'input', ['112', 'vrrp']), [])
  t.deepEqual(closedFor(chains, 'input', ['89', 'ospf']), ['inet gatewright_filter input'])
  t.deepEqual(closedFor(chains, 'output', ['89', 'ospf']), [])
})
