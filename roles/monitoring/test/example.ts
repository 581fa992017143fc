import type {Monitored, OfferingHost} from 'gatewright'
import '../../../src/resolve.ts'
import type {MonitoringVars} from '../vars.ts'

const {monitored, Secret, tunnel} = await import('gatewright')

/** What the schema fills in. */
export const defaults: MonitoringVars = {
  servers: ['monitor'],
  link: 'mgmt',
  interval: 10,
  retention_days: 90,
  probes: [],
  checks: [
    {
      name: 'orders',
      kind: 'http',
      target: 'https://orders.example/',
      status: 200,
      answer: 'ok',
      timeout: 3,
      interval: 30,
    },
    {
      name: 'names',
      kind: 'dns',
      target: 'crm.example@10.20.0.53',
      via: ['wg0'],
      status: 200,
      answer: '',
      timeout: 2,
      interval: 10,
    },
  ],
  receivers: [],
  watchdog: '',
  smtp: '',
  mail_from: '',
  repeat_hours: 4,
  silence_limit_hours: 12,
  zabbix: false,
  zabbix_identity: '',
  zabbix_interval: 30,
  zabbix_silence: 120,
  zabbix_pollers: 5,
  zabbix_cache: 32,
  zabbix_database_cache: 128,
  headroom: 0.75,
  rate_window: 300,
  conntrack_full: 0.8,
  clock_offset: 0.05,
  certificate_days: 21,
  crl_days: 7,
  drift_days: 8,
  drill_days: 92,
  log_days: 183,
  wait: {},
  objective: 99.99,
  tunnel_objective: 99.97,
}

/** Who is told: somebody at night, somebody by day, and who notices that nobody is told. */
export const someReceivers = {
  watchdog: 'https://deadman.example/x',
  smtp: 'mail.example:25',
  mail_from: 'gatewright@example.net',
  receivers: [
    {name: 'on call', webhook: 'https://pager.example/hook', severities: ['critical'], sites: ['fra', 'le.j']},
    {name: 'mail', email: 'noc@example.net'},
  ],
} satisfies Partial<MonitoringVars>

const program = (name: string): NonNullable<Monitored['metrics']> => ({name, program: `echo ${name}\n`})

/** A gateway with everything that can be watched. */
const gateway = (name: string, number: number): OfferingHost => ({
  name,
  pair: 'office',
  site: 'fra',
  links: {
    lan: {device: 'lan', addresses: [`10.1.0.${number}/24`]},
    fibre: {device: 'bond0.20', addresses: [`192.0.2.${number}/24`], rate: 1000},
    cable: {device: 'wan', addresses: [`198.51.100.${number}/24`], rate: 200},
    mgmt: {device: 'mgmt', addresses: [`10.9.0.${number}/24`, `fd00:9::${number}/64`]},
    wg0: {device: 'wg0', addresses: [`10.99.0.${number}/30`]},
    wg1: {device: 'wg1', addresses: ['10.99.1.1/30']},
  },
  offers: [
    monitored({what: 'host', name, address: `10.9.0.${number}`}),
    monitored({what: 'probe', name: 'way in', by: 'icmp', address: '192.0.2.10'}),
    monitored({what: 'vrrp', name: 'gateway', id: 20, metrics: program('vrrp')}),
    monitored({what: 'bgp', name: '192.0.2.1', bfd: true, metrics: program('bgp')}),
    monitored({what: 'bgp', name: '2001:db8::1', metrics: program('bgp')}),
    monitored({what: 'uplink', name: 'fibre', device: 'bond0.20', rate: 1000, metrics: program('mwan')}),
    monitored({what: 'uplink', name: 'cable', device: 'wan', rate: 200, metrics: program('mwan')}),
    monitored({what: 'uplink', name: 'vpn', device: 'wg0', metrics: program('mwan')}),
    monitored({what: 'wireguard', name: 'wg0', device: 'wg0', peers: ['hub'], metrics: program('wireguard')}),
    monitored({
      what: 'wireguard',
      name: 'wg1',
      device: 'wg1',
      peers: ['branch'],
      follows: true,
      metrics: program('wireguard'),
    }),
    monitored({what: 'openvpn server', name: 'road', device: 'tun0', follows: true, metrics: program('openvpn')}),
    monitored({what: 'openvpn client', name: 'hub', device: 'tun1', metrics: program('openvpn')}),
    monitored({what: 'certificate', name: 'openvpn road', metrics: {...program('certificates'), isSlow: true}}),
    monitored({what: 'check', name: 'orders', by: 'http', metrics: program('checks')}),
    monitored({what: 'check', name: 'names', by: 'dns', via: ['wg0'], metrics: program('checks')}),
    ...[
      {device: 'wg0', addresses: [`10.99.0.${number}/30`]},
      {device: 'wg1', addresses: ['10.99.1.1/30']},
    ].map(each => tunnel({...each, endpoints: [], mtu: 1420, overhead: 80, keepalive: 5, variable: 'devices'})),
  ],
})

/** A pair, a router of its own without VRRP, and who watches them. */
export const fleet: readonly OfferingHost[] = [
  gateway('gw1', 2),
  gateway('gw2', 3),
  {
    name: 'monitor',
    pair: undefined,
    site: 'fra',
    links: {mgmt: {device: 'mgmt', addresses: ['10.9.0.9/24']}},
    offers: [monitored({what: 'host', name: 'monitor', address: '10.9.0.9'})],
  },
  {name: 'laptop', pair: undefined, site: undefined, links: {}, offers: []},
]

/** No key of anybody. */
export const key = new Secret('0123456789abcdef'.repeat(4))
/** The same where Zabbix watches. */
export const withZabbix: readonly OfferingHost[] = fleet.map(({offers, ...host}) => ({
  ...host,
  offers: offers.map(offer =>
    offer.offer === 'monitored' && offer.what === 'host' ? {...offer, agent: {identity: host.name, key}} : offer,
  ),
}))
