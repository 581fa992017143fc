import test from 'ava'
import {compareStates, stateIn} from '../../src/drill/host-state.ts'

const output = `== addresses and links
2: lan@if8: <BROADCAST,UP> mtu 1500
2: lan    inet 10.10.0.2/24 scope global lan\\       valid_lft forever preferred_lft forever
== routes and rules
0:	from all lookup local
default via 192.0.2.1 dev wan-a proto bgp metric 20 pref medium
anycast 2001:db8:a:: dev wan-a table local
local fe80::28ab:cbc5 dev wg0 table local proto kernel metric 0 pref medium
== packet filter
table inet filter {
== units
keepalived.service loaded active running
frr.service loaded active running
session-3.scope loaded active running
== kernel parameters
net.ipv4.ip_forward = 1
`

test('what changes by itself is not compared', t => {
  const later = output
    .replace('lan@if8', 'lan@if23')
    .replace('via 192.0.2.1 dev wan-a proto', 'via 198.51.100.1 dev wan-b proto')
    .replace('fe80::28ab:cbc5', 'fe80::d3fb:f68d')
    .replace('anycast 2001:db8:a:: dev wan-a table local\n', '')
    .replace('session-3', 'session-4')
    .replace(
      'frr.service loaded active running',
      'logrotate.timer loaded active waiting\nfrr.service loaded active running',
    )
  t.deepEqual(compareStates('gw1', stateIn(output), stateIn(later)), [])
})

test('what is gone, new or failed is told with its place', t => {
  const later = output
    .replace('10.10.0.2/24', '10.10.0.9/24')
    .replace('keepalived.service loaded active running\n', 'keepalived.service loaded failed failed\n')
    .replace('table inet filter {', 'table inet filter {\ntable netdev gatewright_drill_mute {')
    .replace('ip_forward = 1', 'ip_forward = 0')
  t.snapshot(compareStates('gw1', stateIn(output), stateIn(later)))
})
