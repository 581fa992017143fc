import test from 'ava'
import {eventsIn, journalScript} from '../../src/drill/journal-events.ts'
import '../../src/resolve.ts'

const {events: vrrp} = await import('../../roles/vrrp/events.ts')
const {events: bgp} = await import('../../roles/bgp/events.ts')
const {events: mwan} = await import('../../roles/mwan/events.ts')
const {events: wireguard} = await import('../../roles/wireguard/events.ts')
const {events: openvpn} = await import('../../roles/openvpn/events.ts')
const sources = [...vrrp, ...bgp, ...mwan, ...wireguard, ...openvpn]

const line = (unit: string, message: string, at = 1_796_062_817_709_340): string =>
  JSON.stringify({MESSAGE: message, _SYSTEMD_UNIT: `${unit}.service`, __REALTIME_TIMESTAMP: String(at)})

test('lines of the daemons, as they were written in the lab, become events', t => {
  const output = [
    line('keepalived', '(gateway) Entering FAULT STATE'),
    line('keepalived', '(gateway) Backup received priority 0 advertisement'),
    line('keepalived', 'Netlink reports lan down'),
    line('keepalived', 'Master received advert from 10.10.255.3 with higher priority 201, ours 200'),
    line('keepalived', '(gateway) Master received advert from 10.10.255.3 with higher priority 201, ours 200'),
    line('keepalived', 'Starting Keepalived v2.2.7 (01/16,2022)'),
    line('keepalived', 'Startup complete'),
    line('gatewright-vrrp', 'BACKUP -> MASTER'),
    line('conntrackd', 'resync requested by other node'),
    line('conntrackd', '[Mon Nov 30 18:00:54 2026] (pid=13141) [notice] resync requested by other node'),
    line(
      'frr',
      '[PXVXG-TFNNT] %ADJCHANGE: neighbor 198.51.100.1(upstream) in vrf default Down BGP Notification received',
    ),
    line('frr', '[N9HHH-F8H1M] %ADJCHANGE: neighbor 2001:db8:a::1(upstream) in vrf default Up'),
    line(
      'frr',
      '[HZN6M-XRM1G] %NOTIFICATION(Hard Reset): sent to neighbor 2001:db8:a::1 6/10 (Cease/BFD Down) 0 bytes',
    ),
    line('frr', '[M59KS-A3ZXZ] bgp_update_receive: rcvd End-of-RIB for IPv4 Unicast from 10.10.255.3 in vrf default'),
    line('gatewright-bgp-watch', 'VRRP rank: FAULT, because bgpd or zebra has died'),
    line('gatewright-mwan', 'wan-a/4 is down, it was up: no carrier on wan-a'),
    line('gatewright-mwan', 'added IPv4 rule 10062: from all fwmark 0x200/0x3f00 lookup 1002'),
    line('gatewright-wireguard', 'wg0 is gone: it is made again'),
    line(
      'gatewright-wireguard',
      'disconnect device=wg0 peer=hub key=abc= from=203.0.113.10:51821 seconds=9 why=silent',
    ),
    line(
      'gatewright-wireguard',
      'endpoint device=wg0 key=abc= name=hub.example.net address=203.0.113.10:51821 before=',
    ),
    ...[
      '[hub.example.net] Inactivity timeout (--ping-restart), restarting',
      'SIGUSR1[soft,ping-restart] received, process restarting',
      '[hub.example.net] Peer Connection Initiated with [AF_INET]203.0.113.10:1194',
      'Initialization Sequence Completed',
      'VERIFY OK: depth=0, CN=hub.example.net',
    ].map(text =>
      JSON.stringify({
        MESSAGE: text,
        _SYSTEMD_UNIT: 'openvpn-client@hub.service',
        SYSLOG_IDENTIFIER: 'openvpn',
        __REALTIME_TIMESTAMP: '1796062817709340',
      }),
    ),
    JSON.stringify({
      MESSAGE: 'vrrp-hang: removed',
      SYSLOG_IDENTIFIER: 'gatewright-drill',
      __REALTIME_TIMESTAMP: '1796062817709340',
    }),
    JSON.stringify({MESSAGE: [1, 2], _SYSTEMD_UNIT: 'keepalived.service', __REALTIME_TIMESTAMP: '1'}),
    'no JSON',
  ].join('\n')
  t.snapshot(eventsIn(output, 'gw1', sources, 0).map(({kind, text}) => `${kind}: ${text}`))
})

test('two masters of one priority are no sound pair', t => {
  const output = line(
    'keepalived',
    '(gateway) Master received advert from 10.10.255.3 with same priority 200 but higher IP address than ours',
  )
  t.regex(
    eventsIn(output, 'gw1', sources, 0)[0]?.wrong ?? '',
    /^this gateway and 10\.10\.255\.3 have the same priority 200/,
  )
})

test('times are moved to our clock, and events are in order', t => {
  const output = [
    line('keepalived', '(g) Entering MASTER STATE', 2_000_000),
    line('keepalived', '(g) Entering FAULT STATE', 1_500_000),
  ].join('\n')
  t.deepEqual(
    eventsIn(output, 'gw1', vrrp, 300).map(({atMs}) => atMs),
    [1200, 1700],
  )
})

test('each unit is asked for once, and what faults write down too', t => {
  t.snapshot(journalScript(sources, 1_796_062_817_709))
})
