/** Where the role's files are. */
export const collectors = '/etc/gatewright/monitoring'
/** The textfile directory of Debian's node exporter. */
export const textfiles = '/var/lib/prometheus/node-exporter'
export const collectProgram = '/usr/local/lib/gatewright/monitoring-collect'
export const checkProgram = '/usr/local/lib/gatewright/monitoring-check'
export const checksFile = '/etc/gatewright/monitoring-checks'
/** What the last run of the checks told. */
export const checkResults = `${textfiles}/gatewright-checks-checks.prom`
export const hookFile = '/etc/gatewright/vrrp.d/50-monitoring'
/** How often VRRP changed its state since the boot. */
export const transitionsFile = '/run/gatewright/monitoring-transitions'
export const stateDirectory = '/var/lib/gatewright-monitoring'
/** Their times of modification are when the last drill was passed, and since when this host is watched. */
export const drillFile = `${stateDirectory}/drill-passed`
/** `CHANGES SECONDS`: what check mode found, and when, in Unix time. */
export const driftFile = `${stateDirectory}/drift`
export const sinceFile = `${stateDirectory}/since`
export const rulesFile = '/etc/prometheus/gatewright-rules.yml'

/** Debian's defaults; the frontend of Zabbix has none, and is for this host alone. */
export const ports = {
  node: 9100,
  frr: 9342,
  blackbox: 9115,
  prometheus: 9090,
  alertmanager: 9093,
  agent: 10_050,
  zabbix: 10_051,
  frontend: 8050,
} as const

/** Of Zabbix. */
export const zabbix = {
  etc: '/etc/zabbix',
  metrics: '/usr/local/lib/gatewright/monitoring-json',
  key: '/etc/zabbix/gatewright.psk',
  template: '/etc/zabbix/gatewright-template.yml',
  password: '/etc/zabbix/gatewright-admin',
  socket: '/run/php/gatewright-zabbix.sock',
} as const

/** `192.0.2.1:80`, `[2001:db8::1]:80` */
export const socketAt = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
