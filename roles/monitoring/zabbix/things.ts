import type {MonitoringVars} from '../vars.ts'
import type {Subject} from './subjects.ts'

export type Severity = 'WARNING' | 'AVERAGE' | 'HIGH'
export type TriggerSpec = {
  readonly name: string
  /** Of the item's `/template/key`, and of those of the same thing. */
  readonly when: (item: string, of: (metric: string) => string) => string
  readonly severity: Severity
}
export type Value = {
  /** `gatewright_` stands before it. */
  readonly metric: string
  readonly name: string
  readonly units?: string
  readonly map?: string
  readonly isFloat?: true
  /** A counter: what it grows by in a second. */
  readonly isRate?: true
  readonly triggers?: readonly TriggerSpec[]
}
/** Things of one kind on a host, each found by its first value. */
export type Thing = {readonly name: string; readonly subject: Subject; readonly values: readonly [Value, ...Value[]]}

type Vars = Pick<MonitoringVars, 'zabbix_silence' | 'clock_offset' | 'certificate_days' | 'crl_days' | 'drill_days'>

export const valueMaps: Readonly<Record<string, readonly string[]>> = {
  'VRRP state': ['unknown', 'fault', 'backup', 'master'],
  'uplink state': ['down', 'degraded', 'up'],
  'whether it is up': ['down', 'up'],
}

/** A session of WireGuard carries nothing any more after 180 s (Donenfeld, WireGuard, 6.1: Reject-After-Time). */
const handshakeSeconds = 180

/** What is discovered in the answers of an agent, and what is wrong with it. Half of what Prometheus knows: a pair is two hosts here. */
export const thingsOf = (vars: Vars): readonly Thing[] => {
  const silent = (item: string): string => `nodata(${item},${2 * vars.zabbix_silence}s)=1`
  const down = (name: string): TriggerSpec => ({
    name: `${name} is down, or nobody tells`,
    when: item => `last(${item})=0 or ${silent(item)}`,
    severity: 'HIGH',
  })
  const ends = (days: number): TriggerSpec => ({
    name: `Ends within ${days} days`,
    when: item => `last(${item})-now()<${days * 86_400}`,
    severity: 'AVERAGE',
  })
  return [
    {
      name: 'VRRP',
      subject: 'vrrp',
      values: [
        {
          metric: 'vrrp_state',
          name: 'state',
          map: 'VRRP state',
          triggers: [
            {name: 'State unknown', when: item => `last(${item})=0 or ${silent(item)}`, severity: 'HIGH'},
            {name: 'In fault', when: item => `last(${item})=1`, severity: 'WARNING'},
          ],
        },
        {metric: 'vrrp_since_seconds', name: 'in this state since', units: 'unixtime'},
      ],
    },
    {name: 'Changes of VRRP', subject: 'vrrp', values: [{metric: 'vrrp_transitions_total', name: 'since the boot'}]},
    {
      name: 'Connections of the peer',
      subject: 'vrrp',
      values: [
        {
          metric: 'conntrackd_ready',
          name: 'known',
          triggers: [{name: 'Not ready to take over', when: item => `max(${item},300s)=0`, severity: 'WARNING'}],
        },
      ],
    },
    {name: 'NAT', subject: 'vrrp', values: [{metric: 'nat_sessions', name: 'sessions'}]},
    {
      name: 'BGP neighbour',
      subject: 'bgp',
      values: [{metric: 'bgp_up', name: 'session', map: 'whether it is up', triggers: [down('Session')]}],
    },
    {
      name: 'BGP policy',
      subject: 'bgp',
      values: [
        {
          metric: 'bgp_policy',
          name: 'there is one',
          triggers: [{name: 'No policy', when: item => `last(${item})=0`, severity: 'WARNING'}],
        },
      ],
    },
    {
      name: 'Uplink',
      subject: 'uplink',
      values: [
        {
          metric: 'mwan_state',
          name: 'state',
          map: 'uplink state',
          triggers: [down('Uplink'), {name: 'Degraded', when: item => `max(${item},60s)=1`, severity: 'WARNING'}],
        },
        {metric: 'mwan_loss_ratio', name: 'loss', isFloat: true},
        {metric: 'mwan_latency_p95_seconds', name: 'latency', units: 's', isFloat: true},
        {metric: 'mwan_selected', name: 'new flows take it'},
      ],
    },
    {
      name: 'WireGuard peer',
      subject: 'tunnel',
      values: [
        {
          metric: 'wireguard_handshake_seconds',
          name: 'last handshake',
          units: 'unixtime',
        },
        {
          metric: 'wireguard_expected',
          name: 'to be there all the time',
          triggers: [
            {
              // One that has moved to the other gateway is told by nobody here.
              name: 'Tunnel is down: no handshake',
              when: (item, of) =>
                `last(${item})=1 and now()-last(${of('wireguard_handshake_seconds')})>${handshakeSeconds} and nodata(${item},${vars.zabbix_silence}s)=0`,
              severity: 'HIGH',
            },
          ],
        },
        {metric: 'wireguard_received_bytes_total', name: 'received', units: 'Bps', isRate: true, isFloat: true},
        {metric: 'wireguard_sent_bytes_total', name: 'sent', units: 'Bps', isRate: true, isFloat: true},
      ],
    },
    {
      name: 'OpenVPN',
      subject: 'tunnel',
      values: [
        {
          metric: 'openvpn_up',
          name: 'state',
          map: 'whether it is up',
          triggers: [{name: 'Not connected', when: item => `max(${item},60s)=0`, severity: 'HIGH'}],
        },
      ],
    },
    {name: 'Clients of OpenVPN', subject: 'tunnel', values: [{metric: 'openvpn_clients', name: 'connected'}]},
    {
      name: 'Check',
      subject: 'check',
      values: [
        {metric: 'check_up', name: 'answer', map: 'whether it is up', triggers: [down('What is checked')]},
        {metric: 'check_seconds', name: 'time to answer', units: 's', isFloat: true},
      ],
    },
    {
      name: 'Certificate',
      subject: 'upkeep',
      values: [
        {metric: 'certificate_until_seconds', name: 'end', units: 'unixtime', triggers: [ends(vars.certificate_days)]},
      ],
    },
    {
      name: 'List of revoked certificates',
      subject: 'upkeep',
      values: [{metric: 'crl_until_seconds', name: 'end', units: 'unixtime', triggers: [ends(vars.crl_days)]}],
    },
    {
      name: 'Clock',
      subject: 'upkeep',
      values: [
        {
          metric: 'clock_offset_seconds',
          name: 'offset',
          units: 's',
          isFloat: true,
          triggers: [{name: 'Wrong', when: item => `abs(last(${item}))>${vars.clock_offset}`, severity: 'WARNING'}],
        },
      ],
    },
    {
      name: 'Drill',
      subject: 'upkeep',
      values: [
        {
          metric: 'drill_passed_seconds',
          name: 'last passed',
          units: 'unixtime',
          triggers: [
            {
              name: `None within ${vars.drill_days} days`,
              when: item => `now()-last(${item})>${vars.drill_days * 86_400}`,
              severity: 'WARNING',
            },
          ],
        },
      ],
    },
    {
      name: 'Log',
      subject: 'upkeep',
      values: [{metric: 'log_oldest_seconds', name: 'oldest record', units: 'unixtime'}],
    },
    {
      name: 'Collector',
      subject: 'upkeep',
      values: [
        {
          metric: 'collector_success',
          name: 'success',
          triggers: [
            {name: 'Fails, or does not run', when: item => `last(${item})=0 or ${silent(item)}`, severity: 'WARNING'},
          ],
        },
      ],
    },
  ]
}
