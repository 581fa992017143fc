import test from 'ava'
import {Chalk} from 'chalk'
import {statusRows} from '../../src/cli/status-rows.ts'
import {statusText} from '../../src/cli/status-screen.ts'
import {metricsIn} from '../../src/facts/metrics.ts'
import {golden} from '../reporters/golden.ts'

const master = `1796076300
# HELP gatewright_vrrp_state 0 unknown, 1 fault, 2 backup, 3 master
gatewright_vrrp_state{name="gateway",vrid="110"} 3
gatewright_vrrp_since_seconds{name="gateway",vrid="110"} 1796072220
gatewright_bgp_up{name="192.0.2.1"} 1
gatewright_bgp_up{name="2001:db8:a::1"} 0
gatewright_bgp_policy{name="192.0.2.1"} 1
gatewright_mwan_state{uplink="wan-a",family="ipv4"} 2
gatewright_mwan_state{uplink="wan-b",family="ipv4"} 1
gatewright_mwan_state{uplink="vpn-a",family="ipv4"} 0
gatewright_mwan_latency_p95_seconds{uplink="wan-a",family="ipv4"} 0.001
gatewright_mwan_latency_p95_seconds{uplink="wan-b",family="ipv4"} 0.216
gatewright_mwan_latency_p95_seconds{uplink="vpn-a",family="ipv4"} NaN
gatewright_mwan_loss_ratio{uplink="wan-a",family="ipv4"} 0
gatewright_mwan_loss_ratio{uplink="wan-b",family="ipv4"} 0.045
gatewright_wireguard_handshake_seconds{name="wg0",peer="hub"} 1796076220
gatewright_wireguard_handshake_seconds{name="wg1",peer="branch \\"north\\""} 0
gatewright_openvpn_up{name="road",side="server"} 1
gatewright_openvpn_clients{name="road"} 12
gatewright_nat_sessions 74
gatewright_check_up{check="orders",kind="http",via="wan-a"} 1
gatewright_check_seconds{check="orders",kind="http",via="wan-a"} 0.0423
gatewright_check_up{check="orders",kind="http",via="wg0"} 0
gatewright_check_seconds{check="orders",kind="http",via="wg0"} 3.0012
gatewright_drift_changes 0
gatewright_drift_checked_seconds 1795903500
gatewright_drill_passed_seconds 1790000000
this is no metric
`
const backup = `1796076301
gatewright_vrrp_state{name="gateway",vrid="110"} 2
gatewright_vrrp_since_seconds{name="gateway",vrid="110"} 1796076240
gatewright_openvpn_up{name="road",side="server"} 0
gatewright_drift_changes 3
gatewright_drift_checked_seconds 1796072701
gatewright_drill_passed_seconds 1780000000
`
const seen = [
  {host: 'gw2', rows: statusRows(metricsIn(backup))},
  {host: 'gw1', rows: statusRows(metricsIn(master))},
  {
    host: 'gw3',
    rows: [],
    failure: 'unreachable: nobody answers at 192.0.2.13 port 22 within 10 s, and nothing is known of what it does',
  },
  {host: 'monitor', rows: statusRows(metricsIn('1796076301\n'))},
]

for (const columns of [80, 160])
  test(`who is master, what carries, what is due: ${columns} columns`, t => {
    const text = statusText(seen, columns, new Chalk({level: 0}))
    golden(t, import.meta.dirname, `status ${columns}.txt`, text)
    for (const line of text.split('\n')) t.true(line.length <= columns, line)
  })

test('what is not well is red', t => {
  const style = new Chalk({level: 1})
  const [open = ''] = style.red('|').split('|')
  const red = statusText(seen, 160, style)
    .split('\n')
    .filter(line => line.startsWith(open))
  const names = [
    '2001:db8:a::1',
    'wan-b ipv4',
    'vpn-a ipv4',
    'wg1 branch',
    'orders over wg0',
    '3 changes',
    'next drill',
    'unreachable',
  ]
  t.deepEqual(
    red.map(line => names.find(name => line.includes(name))),
    names,
  )
})

test('lines of a program that are no metrics are left out', t => {
  t.deepEqual(metricsIn('12\nvtysh: failed\nfoo 1\nbar{a="b c",d=""} NaN\n'), {
    now: 12,
    metrics: [
      {metric: 'foo', labels: {}, value: 1},
      {metric: 'bar', labels: {a: 'b c', d: ''}, value: Number.NaN},
    ],
  })
})
