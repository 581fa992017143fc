import {type RuleCase, type Series, stepSeconds} from './promtool.ts'

const steps = 600
/** All the time. */
const always = (value: number): string => `${value}x${steps}`
/** What happened just now, at each time. */
const clock = `0+${stepSeconds}x${steps}`
/** A counter of bytes that goes by so many Mbit/s. */
const counting = (megabits: number): string => `0+${(megabits * 1_000_000 * stepSeconds) / 8}x${steps}`
const at = (host: string): string => `host="${host}",pair="office",site="fra"`
const day = 86_400

const gateway = (host: string, vrrp: number): Series => ({
  [`up{job="node",${at(host)}}`]: always(1),
  [`up{job="frr",${at(host)}}`]: always(1),
  [`gatewright_vrrp_state{${at(host)},name="gateway",vrid="20"}`]: always(vrrp),
  [`gatewright_vrrp_transitions_total{${at(host)}}`]: always(1),
  [`gatewright_conntrackd_ready{${at(host)}}`]: always(1),
  [`gatewright_nat_rules_info{${at(host)},hash="1234"}`]: always(1),
  ...Object.fromEntries(
    ['192.0.2.1', '2001:db8::1'].flatMap(peer => [
      [`frr_bgp_peer_state{${at(host)},peer="${peer}"}`, always(1)],
      [`frr_bgp_peer_prefixes_received_count_total{${at(host)},peer="${peer}"}`, always(100)],
      [`gatewright_bgp_policy{${at(host)},name="${peer}"}`, always(1)],
    ]),
  ),
  [`frr_bfd_peer_state{${at(host)},peer="192.0.2.1"}`]: always(1),
  ...Object.fromEntries(
    ['fibre', 'cable', 'vpn'].map(uplink => [
      `gatewright_mwan_state{${at(host)},uplink="${uplink}",family="ipv4"}`,
      always(2),
    ]),
  ),
  [`node_network_transmit_bytes_total{${at(host)},device="bond0.20"}`]: counting(1),
  [`node_network_receive_bytes_total{${at(host)},device="bond0.20"}`]: counting(1),
  [`node_network_transmit_bytes_total{${at(host)},device="wan"}`]: counting(1),
  [`node_network_receive_bytes_total{${at(host)},device="wan"}`]: counting(1),
  [`gatewright_wireguard_handshake_seconds{${at(host)},name="wg0",peer="hub"}`]: clock,
  [`gatewright_openvpn_up{${at(host)},name="hub",side="client"}`]: always(1),
  ...Object.fromEntries(
    ['vrrp', 'bgp', 'mwan', 'wireguard', 'openvpn', 'certificates', 'checks'].map(collector => [
      `gatewright_collector_success{${at(host)},collector="${collector}"}`,
      always(1),
    ]),
  ),
  [`gatewright_certificate_until_seconds{${at(host)},name="openvpn road",where="file"}`]: always(300 * day),
  [`gatewright_crl_until_seconds{${at(host)},name="openvpn road"}`]: always(100 * day),
  [`gatewright_clock_offset_seconds{${at(host)}}`]: always(-0.001),
  [`gatewright_log_oldest_seconds{${at(host)}}`]: always(-200 * day),
  [`gatewright_watched_since_seconds{${at(host)}}`]: always(-200 * day),
  [`gatewright_drill_passed_seconds{${at(host)}}`]: always(-30 * day),
  [`gatewright_drift_changes{${at(host)}}`]: always(0),
  [`gatewright_drift_checked_seconds{${at(host)}}`]: always(-day),
  ...Object.fromEntries(
    ['fibre', 'cable', 'wg0'].map(via => [`gatewright_check_up{${at(host)},check="orders",via="${via}"}`, always(1)]),
  ),
  [`gatewright_check_up{${at(host)},check="names",via="wg0"}`]: always(1),
  [`node_textfile_mtime_seconds{${at(host)},file="/t/gatewright-fast-vrrp.prom"}`]: clock,
  [`node_textfile_mtime_seconds{${at(host)},file="/t/gatewright-slow-upkeep.prom"}`]: clock,
  [`node_nf_conntrack_entries{${at(host)}}`]: always(1000),
  [`node_nf_conntrack_entries_limit{${at(host)}}`]: always(10_000),
  [`node_filesystem_avail_bytes{${at(host)},mountpoint="/",fstype="ext4"}`]: always(3_000_000),
  [`node_filesystem_size_bytes{${at(host)},mountpoint="/",fstype="ext4"}`]: always(10_000_000),
  [`node_bonding_active{${at(host)},master="bond0"}`]: always(2),
  [`node_bonding_slaves{${at(host)},master="bond0"}`]: always(2),
  [`node_network_carrier{${at(host)},device="bond0.20"}`]: always(1),
})

/** The example's fleet with nothing wrong. gw1 is master, and has what moves with it. */
export const well: Series = {
  ...gateway('gw1', 3),
  ...gateway('gw2', 2),
  [`gatewright_wireguard_handshake_seconds{${at('gw1')},name="wg1",peer="branch"}`]: clock,
  [`gatewright_openvpn_up{${at('gw1')},name="road",side="server"}`]: always(1),
  [`gatewright_check_up{${at('gw1')},check="orders",via="wg1"}`]: always(1),
  'up{job="node",host="monitor",site="fra"}': always(1),
  'probe_success{pair="office",site="fra",probe="way in"}': always(1),
}

const one = (metric: string, rest: string, value: string, host = 'gw1'): Series => ({
  [`${metric}{${at(host)}${rest === '' ? '' : `,${rest}`}}`]: value,
})
const place = {host: 'gw1', pair: 'office', site: 'fra'}
const session = {host: 'gw1', peer: '192.0.2.1'}

/** For each alert what makes it fire, and for some of them that nothing is told at all. */
export const ruleCases: readonly RuleCase[] = [
  {alert: 'NoMaster', broken: one('gatewright_vrrp_state', 'name="gateway",vrid="20"', always(1))},
  {
    alert: 'NoMaster',
    broken: {},
    missing: ['gw1', 'gw2'].map(host => `gatewright_vrrp_state{${at(host)},name="gateway",vrid="20"}`),
  },
  {alert: 'SplitBrain', broken: one('gatewright_vrrp_state', 'name="gateway",vrid="20"', always(3), 'gw2')},
  {
    alert: 'StandbyNotReady',
    broken: one('gatewright_vrrp_state', 'name="gateway",vrid="20"', always(1), 'gw2'),
    of: {host: 'gw2'},
  },
  {alert: 'StandbyNotReady', broken: one('gatewright_conntrackd_ready', '', always(0), 'gw2'), of: {host: 'gw2'}},
  {
    // A restart of the host resets the counter; what it counted before still counts.
    alert: 'Flapping',
    broken: one('gatewright_vrrp_transitions_total', '', `0 2 4 0 1 2 ${always(3)}`),
    of: {host: 'gw1'},
    afterSeconds: 300,
  },
  {alert: 'RulesDiffer', broken: one('gatewright_nat_rules_info', 'hash="5678"', always(1))},
  {alert: 'BgpDown', broken: one('frr_bgp_peer_state', 'peer="192.0.2.1"', always(0)), of: session},
  {
    alert: 'BgpDown',
    broken: {},
    missing: [`frr_bgp_peer_state{${at('gw1')},peer="2001:db8::1"}`],
    of: {...session, peer: '2001:db8::1'},
  },
  {alert: 'BfdDown', broken: one('frr_bfd_peer_state', 'peer="192.0.2.1"', always(0)), of: session},
  {
    alert: 'PrefixesDropped',
    broken: one('frr_bgp_peer_prefixes_received_count_total', 'peer="192.0.2.1"', `100x240 40x${steps}`),
    of: session,
    afterSeconds: 3615,
  },
  {alert: 'PolicyMissing', broken: one('gatewright_bgp_policy', 'name="192.0.2.1"', always(0)), of: session},
  {
    alert: 'TunnelDown',
    broken: one('gatewright_wireguard_handshake_seconds', 'name="wg0",peer="hub"', always(0)),
    of: {host: 'gw1', tunnel: 'wg0'},
    afterSeconds: 195,
  },
  {
    alert: 'TunnelDown',
    broken: {},
    missing: [`gatewright_wireguard_handshake_seconds{${at('gw1')},name="wg1",peer="branch"}`],
    of: {tunnel: 'wg1'},
    afterSeconds: 195,
  },
  {
    alert: 'TunnelDown',
    broken: one('gatewright_openvpn_up', 'name="hub",side="client"', always(0)),
    of: {host: 'gw1', tunnel: 'hub'},
  },
  {
    alert: 'UplinkDown',
    broken: one('gatewright_mwan_state', 'uplink="fibre",family="ipv4"', always(0)),
    labels: {...place, uplink: 'fibre', family: 'ipv4'},
  },
  {
    alert: 'UplinkDegraded',
    broken: one('gatewright_mwan_state', 'uplink="fibre",family="ipv4"', always(1)),
    labels: {...place, uplink: 'fibre', family: 'ipv4'},
  },
  {
    // Both gateways together: 400 of 1000 Mbit/s each.
    alert: 'Headroom',
    broken: {
      ...one('node_network_transmit_bytes_total', 'device="bond0.20"', counting(400)),
      ...one('node_network_transmit_bytes_total', 'device="bond0.20"', counting(400), 'gw2'),
    },
    of: {uplink: 'fibre'},
    afterSeconds: 300,
  },
  {
    alert: 'HeadroomN1',
    broken: one('node_network_receive_bytes_total', 'device="bond0.20"', counting(200)),
    afterSeconds: 300,
  },
  {
    alert: 'CheckFailsOnWay',
    broken: one('gatewright_check_up', 'check="orders",via="cable"', always(0)),
    of: {host: 'gw1', check: 'orders', via: 'cable'},
  },
  {
    // What only the master has is of the pair.
    alert: 'CheckFailsOnWay',
    broken: {},
    missing: [`gatewright_check_up{${at('gw1')},check="orders",via="wg1"}`],
    of: {pair: 'office', check: 'orders', via: 'wg1'},
  },
  {
    alert: 'CheckFails',
    broken: Object.assign(
      {},
      ...['fibre', 'cable', 'wg0'].map(via =>
        one('gatewright_check_up', `check="orders",via="${via}"`, always(0), 'gw2'),
      ),
    ),
    of: {host: 'gw2', check: 'orders'},
  },
  {
    alert: 'CheckFails',
    broken: {},
    missing: [`gatewright_check_up{${at('gw1')},check="names",via="wg0"}`],
    of: {host: 'gw1', check: 'names'},
  },
  {
    alert: 'CertificateExpiry',
    broken: one('gatewright_certificate_until_seconds', 'name="openvpn road",where="process"', always(20 * day)),
    labels: {...place, name: 'openvpn road'},
  },
  {
    alert: 'CrlExpiry',
    broken: one('gatewright_crl_until_seconds', 'name="openvpn road"', always(6 * day)),
    labels: {...place, name: 'openvpn road'},
  },
  {alert: 'ClockOffset', broken: one('gatewright_clock_offset_seconds', '', always(-0.06)), labels: place},
  {alert: 'LogRetentionShort', broken: one('gatewright_log_oldest_seconds', '', always(-100 * day)), labels: place},
  {
    alert: 'DiskFills',
    broken: one('node_filesystem_avail_bytes', 'mountpoint="/",fstype="ext4"', `3000000-300x${steps}`),
    labels: {...place, mountpoint: '/', fstype: 'ext4'},
    afterSeconds: 15,
  },
  {alert: 'ConntrackFull', broken: one('node_nf_conntrack_entries', '', always(8100)), labels: place},
  {
    alert: 'DrillOverdue',
    broken: {
      ...one('gatewright_drill_passed_seconds', '', always(-93 * day)),
      ...one('gatewright_drill_passed_seconds', '', always(-93 * day), 'gw2'),
    },
  },
  {alert: 'Drift', broken: one('gatewright_drift_changes', '', always(3)), labels: place},
  {
    alert: 'DriftUnknown',
    broken: one('gatewright_drift_checked_seconds', '', always(-9 * day)),
    of: {host: 'gw1'},
  },
  {
    alert: 'DriftUnknown',
    broken: {},
    missing: [`gatewright_drift_checked_seconds{${at('gw1')}}`],
    of: {host: 'gw1'},
  },
  {
    alert: 'HostDown',
    broken: {[`up{job="node",${at('gw1')}}`]: always(0), [`up{job="frr",${at('gw1')}}`]: always(0)},
    labels: place,
  },
  {alert: 'ExporterDown', broken: {[`up{job="frr",${at('gw1')}}`]: always(0)}, labels: {...place, job: 'frr'}},
  {
    alert: 'TextfileStale',
    broken: one('node_textfile_mtime_seconds', 'file="/t/gatewright-fast-vrrp.prom"', always(0)),
    labels: {...place, file: '/t/gatewright-fast-vrrp.prom'},
    afterSeconds: 75,
  },
  {
    alert: 'CollectorFailed',
    broken: one('gatewright_collector_success', 'collector="bgp"', always(0)),
    of: {host: 'gw1', collector: 'bgp'},
  },
  {
    alert: 'CollectorFailed',
    broken: {},
    missing: [`gatewright_collector_success{${at('gw1')},collector="vrrp"}`],
    of: {host: 'gw1', collector: 'vrrp'},
  },
  {
    alert: 'HardwareLost',
    broken: one('node_bonding_active', 'master="bond0"', always(1)),
    labels: {...place, master: 'bond0'},
  },
  {
    alert: 'CableLost',
    broken: one('node_network_carrier', 'device="bond0.20"', always(0)),
    labels: {...place, device: 'bond0.20'},
  },
  {
    alert: 'BudgetBurns',
    broken: {'probe_success{pair="office",site="fra",probe="way in"}': always(0)},
    of: {probe: 'way in'},
  },
  {
    alert: 'BudgetBurns',
    broken: {
      ...one('gatewright_mwan_state', 'uplink="vpn",family="ipv4"', always(0)),
      ...one('gatewright_mwan_state', 'uplink="vpn",family="ipv4"', always(0), 'gw2'),
    },
    of: {tunnel: 'vpn'},
    afterSeconds: 60,
  },
]
