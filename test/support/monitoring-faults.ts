import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {degrade, heal, type Topology} from '../../lab/index.ts'
import type {Labels} from './alerts.ts'
import type {DualTunnelSite} from './dual-tunnel.ts'
import {falseTime} from './false-time.ts'
import {full, onHost} from './site.ts'

export type MonitoringFault = {
  readonly inject: () => Promise<unknown>
  readonly heal: () => Promise<unknown>
  readonly alerts: readonly Labels[]
}

/** What the checks of test/fixtures/monitoring look for, on upstream: `orders` and `names` behind the tunnels, `shop` on the internet. */
export const startServices = (lab: Topology): Promise<string> =>
  onHost(
    lab,
    'upstream',
    `mkdir -p /run/services && touch /run/services/crm
cat >/run/services/names.mjs <<'END'
${names}
END
systemd-run -q --unit=names node /run/services/names.mjs
systemd-run -q --unit=orders node -e "require('node:net').createServer(socket => socket.end()).listen(8080, '10.20.0.1')"
systemd-run -q --unit=shop node -e "require('node:http').createServer((_, answer) => answer.end('all is well')).listen(8081, '203.0.113.10')"`,
  )

/** RFC 1035, 4.1: one address for whatever is asked, as long as the file is there; else there is no such name. */
const names = `import {createSocket} from 'node:dgram'
import {existsSync} from 'node:fs'
const server = createSocket('udp4', (asked, from) => {
  const isKnown = existsSync('/run/services/crm')
  const head = Buffer.from([0x81, isKnown ? 0x80 : 0x83, 0, 1, 0, isKnown ? 1 : 0, 0, 0, 0, 0])
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 20, 0, 53])
  server.send(Buffer.concat([asked.subarray(0, 2), head, asked.subarray(12), ...(isKnown ? [record] : [])]), from.port, from.address)
})
server.bind(53, '10.20.0.1')`

/** Drops what a rule of nft names, in a table of its own. */
const dropping = (table: string, rule: string): string =>
  `nft 'add table inet ${table}; add chain inet ${table} in { type filter hook prerouting priority -300; }; add rule inet ${table} in ${rule} drop'`

/** What is done to a standby, and undone, with the alerts about it; each on its own path, so that all of them fit together. */
export const monitoringFaults = (
  lab: Topology,
  site: DualTunnelSite,
  host: 'gw1' | 'gw2',
): readonly MonitoringFault[] => {
  const shell = (on: string, inject: string, healed: string, ...alerts: Labels[]): MonitoringFault => ({
    inject: () => onHost(lab, on, inject),
    heal: () => onHost(lab, on, healed),
    alerts,
  })
  const bgp = (command: string): string => `vtysh -c 'configure terminal' -c 'router bgp 65010' -c '${command}'`
  const file = (name: string): string => readFileSync(join(site.pki.desk.place.directory, name), 'utf8')
  /** Puts text in the place of a file, and the slow collectors need not be waited for. */
  const replacing = (path: string, text: string, alert: string): MonitoringFault => {
    const kept = `/root/kept-${path.replaceAll('/', '-')}`
    const look = 'systemctl start gatewright-monitoring@slow'
    return shell(
      host,
      `cp ${path} ${kept} && cat >${path} <<'END'\n${text}END\n${look}`,
      `cat ${kept} >${path} && ${look}`,
      {alertname: alert, host, name: 'openvpn hub'},
    )
  }
  return [
    shell(host, bgp('neighbor 198.51.100.1 shutdown'), bgp('no neighbor 198.51.100.1 shutdown'), {
      alertname: 'BgpDown',
      host,
      peer: '198.51.100.1',
    }),
    shell(host, 'systemctl stop conntrackd', 'systemctl start conntrackd', {alertname: 'StandbyNotReady', host}),
    // The server of OpenVPN runs, and so does the client: what is missing is the way between them.
    shell(
      'upstream',
      dropping('fault', `udp dport ${host === 'gw1' ? 1194 : 1195}`),
      'nft delete table inet fault',
      {alertname: 'TunnelDown', host, tunnel: 'hub'},
      {alertname: 'CheckFailsOnWay', host, check: 'orders', via: 'tun0'},
    ),
    shell(host, dropping('fault', 'iifname wan-a icmp type echo-reply'), 'nft delete table inet fault', {
      alertname: 'UplinkDown',
      host,
      uplink: 'wan-a',
      family: 'ipv4',
    }),
    {
      // There and back, so that twice that is more than mwan_latency_down and less than what counts as lost.
      inject: () => degrade(lab, host, 'wan-b', {delayMs: 600, lossPercent: 0, rateMbit: 0}),
      heal: () => heal(lab, host, 'wan-b'),
      alerts: [{alertname: 'UplinkDegraded', host, uplink: 'wan-b', family: 'ipv4'}],
    },
    replacing('/etc/openvpn/client/hub/crl.pem', file('ending.pem'), 'CrlExpiry'),
    replacing('/etc/openvpn/client/hub/cert.crt', file('issued/ending.crt'), 'CertificateExpiry'),
    // What was there half a year ago is gone: this host has been watched for longer than its journal goes back.
    shell(
      host,
      `touch -d '1 year ago' /var/lib/gatewright-monitoring/since; journalctl --rotate --vacuum-time=1s; systemctl start gatewright-monitoring@slow`,
      'touch /var/lib/gatewright-monitoring/since; systemctl start gatewright-monitoring@slow',
      {alertname: 'LogRetentionShort', host},
    ),
    shell(
      'upstream',
      'systemctl stop gatewright-monitoring-fast.timer',
      'systemctl start gatewright-monitoring-fast.timer',
      {alertname: 'TextfileStale', host: 'upstream'},
    ),
    // More than is bought of either provider, and of the one that is left were one of them gone.
    {
      inject: async () => {
        await onHost(
          lab,
          'upstream',
          'systemd-run -q --unit=iperf iperf3 -s -B 203.0.113.10; until ss -ltn | grep -q :5201; do sleep 0.2; done',
        )
        await onHost(
          lab,
          'client',
          'systemd-run -q --unit=iperf iperf3 -c 203.0.113.10 -B 10.10.0.100 -u -b 20M -t 600',
        )
      },
      heal: async () => {
        await onHost(lab, 'client', 'systemctl stop iperf')
        await onHost(lab, 'upstream', 'systemctl stop iperf')
      },
      alerts: [
        {alertname: 'Headroom', pair: 'lab'},
        {alertname: 'HeadroomN1', pair: 'lab'},
      ],
    },
    falseTime(lab, host),
    shell(
      'upstream',
      'systemctl stop shop; rm /run/services/crm',
      `systemd-run -q --unit=shop node -e "require('node:http').createServer((_, answer) => answer.end('all is well')).listen(8081, '203.0.113.10')"; touch /run/services/crm`,
      {alertname: 'CheckFails', host, check: 'shop'},
      {alertname: 'CheckFails', host, check: 'names'},
    ),
    // The last handshake has to be older than three minutes.
    ...(full
      ? [
          shell(
            'upstream',
            dropping('silence', `udp dport ${host === 'gw1' ? 51821 : 51822}`),
            'nft delete table inet silence',
            {alertname: 'TunnelDown', host, tunnel: 'wg0'},
          ),
        ]
      : []),
  ]
}
