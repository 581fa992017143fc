import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {cut, heal, type Topology} from '../../lab/index.ts'
import {refreshList} from '../../src/pki/revocations.ts'
import type {DualTunnelSite} from './dual-tunnel.ts'
import {daysLater} from './pki.ts'
import {hear, silence} from './silence.ts'
import {onHost} from './site.ts'

export type Bench = {readonly lab: Topology; readonly site: DualTunnelSite}
/** Something that is broken on purpose, and the step that has to name it. */
export type DiagnosedFault = {
  readonly flow: 'single-arm' | 'vpn-drops' | 'no-failover'
  readonly title: string
  readonly host: 'gw1' | 'gw2'
  readonly finds: string
  /** It lies between the two, so that either may be named. */
  readonly isBetween?: true
  inflict(bench: Bench): Promise<unknown>
  mend(bench: Bench): Promise<unknown>
}

type Named = Omit<DiagnosedFault, 'inflict' | 'mend'>

/** Done and undone by commands on the host. */
const onIt = (named: Named, inflict: string, mend: string): DiagnosedFault => ({
  ...named,
  inflict: ({lab}) => onHost(lab, named.host, inflict),
  mend: ({lab}) => onHost(lab, named.host, mend),
})

/** A cable of the host is pulled. */
const cable = (named: Named, link: string): DiagnosedFault => ({
  ...named,
  inflict: ({lab}) => cut(lab, named.host, link),
  mend: ({lab}) => heal(lab, named.host, link),
})

/** A switch on the way to the far end drops something. */
const onTheWay = (named: Named, host: string, link: string, match: string): DiagnosedFault => ({
  ...named,
  inflict: ({lab}) => silence(lab, host, link, {match}),
  mend: ({lab}) => hear(lab, host, link),
})

const dropping = (hook: string, rule: string): string =>
  `nft 'table inet stranger { chain c { type filter hook ${hook} priority -300; ${rule} counter drop; }; }'`
/** Where gatewright keeps its tables for the next boot. */
const tables = '/etc/gatewright/nft'
const noStranger = 'nft delete table inet stranger'

const arm = (host: 'gw1' | 'gw2', finds: string, title: string): Named => ({flow: 'single-arm', host, finds, title})
const vpn = (host: 'gw1' | 'gw2', finds: string, title: string): Named => ({flow: 'vpn-drops', host, finds, title})
const failover = (host: 'gw1' | 'gw2', finds: string, title: string): Named => ({
  flow: 'no-failover',
  host,
  finds,
  title,
})

/** gw1 is master, gw2 the standby. The first of each complaint are the sample of `npm test`. */
export const diagnosedFaults: readonly DiagnosedFault[] = [
  onIt(
    arm('gw1', 'mwan-override', 'somebody has drained an uplink'),
    "echo 'drain wan-b' >/var/lib/gatewright-mwan/override; sleep 3",
    'rm -f /var/lib/gatewright-mwan/override; sleep 3',
  ),
  onIt(
    arm('gw1', 'mwan-rp-filter', 'the reverse path filter is strict'),
    'echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 1 >/proc/sys/net/ipv4/conf/wan-b/rp_filter',
    'echo 2 >/proc/sys/net/ipv4/conf/wan-b/rp_filter; echo 2 >/proc/sys/net/ipv4/conf/all/rp_filter',
  ),
  cable(arm('gw2', 'mwan-link', 'the cable of an uplink is pulled'), 'wan-b'),
  onIt(
    arm('gw1', 'mwan-tracker', 'the tracker is stopped'),
    'systemctl stop gatewright-mwan',
    'systemctl start gatewright-mwan',
  ),
  onIt(
    arm('gw2', 'mwan-filter', 'a rule in front of everything drops what comes in'),
    `nft 'table netdev stranger { chain c { type filter hook ingress device "wan-b" priority -500; ip saddr != 198.51.100.1 counter drop; }; }'`,
    'nft delete table netdev stranger',
  ),
  onIt(
    arm('gw2', 'mwan-marks', 'nothing marks flows any more'),
    'nft flush table inet gatewright_mwan',
    `nft delete table inet gatewright_mwan; nft -f ${tables}/gatewright_mwan.nft; systemctl restart gatewright-mwan`,
  ),
  onIt(
    arm('gw1', 'vrrp-nat', 'addresses are not translated any more'),
    'nft delete table inet gatewright_nat',
    `nft -f ${tables}/gatewright_nat.nft`,
  ),
  onTheWay(
    arm('gw1', 'mwan-targets', 'nothing from beyond the router comes in'),
    'gw1',
    'wan-b',
    'icmp type echo-reply ip saddr != 198.51.100.1',
  ),

  onIt(
    vpn('gw1', 'wireguard-device', 'WireGuard is stopped'),
    'systemctl stop wg-quick@wg0',
    'systemctl start wg-quick@wg0',
  ),
  onTheWay(vpn('gw1', 'openvpn-connected', 'UDP of OpenVPN is dropped on the way'), 'gw1', 'wan-b', 'udp sport 1194'),
  onTheWay(
    vpn('gw1', 'wireguard-mtu', 'large packets of WireGuard are dropped on the way'),
    'gw1',
    'wan-a',
    'udp dport 51821 udp length > 1300',
  ),
  onTheWay(
    vpn('gw2', 'wireguard-answers', 'UDP of WireGuard is dropped on the way'),
    'gw2',
    'wan-a',
    'udp sport 51822',
  ),
  onIt(
    vpn('gw1', 'wireguard-filter', 'a rule of somebody else drops WireGuard'),
    dropping('input', 'udp sport 51821'),
    noStranger,
  ),
  onIt(
    vpn('gw2', 'openvpn-service', 'OpenVPN is stopped'),
    'systemctl stop openvpn-client@hub',
    'systemctl start openvpn-client@hub',
  ),
  {
    ...vpn('gw1', 'openvpn-dates', 'the list of revoked certificates has ended'),
    async inflict({lab, site}) {
      const {desk} = site.pki
      const path = join(desk.place.directory, 'crl.pem')
      const good = readFileSync(path)
      await refreshList({...desk, now: daysLater(-400, desk.now)}, true)
      const ended = readFileSync(path, 'utf8')
      writeFileSync(path, good)
      const file = '/etc/openvpn/client/hub/crl.pem'
      await onHost(lab, 'gw1', `cp -p ${file} /run/diagnosed.pem; cat >${file} <<'END'\n${ended}END`)
    },
    mend: ({lab}) => onHost(lab, 'gw1', 'cp -p /run/diagnosed.pem /etc/openvpn/client/hub/crl.pem'),
  },
  cable(vpn('gw2', 'wireguard-link', 'the cable of an uplink is pulled'), 'wan-a'),

  onIt(
    failover('gw2', 'vrrp-filter', 'a rule of somebody else drops VRRP'),
    dropping('input', 'meta l4proto 112'),
    noStranger,
  ),
  onIt(
    failover('gw2', 'vrrp-settings', 'the VRID is another one'),
    "sed -i 's/virtual_router_id .*/virtual_router_id 111/' /etc/keepalived/keepalived.conf; systemctl reload keepalived",
    "sed -i 's/virtual_router_id .*/virtual_router_id 110/' /etc/keepalived/keepalived.conf; systemctl reload keepalived",
  ),
  onIt(
    failover('gw2', 'vrrp-daemon', 'keepalived is stopped'),
    'systemctl stop keepalived',
    'systemctl start keepalived',
  ),
  onIt(
    failover('gw2', 'vrrp-daemon', 'keepalived stands still'),
    'pkill -STOP -x keepalived',
    'pkill -CONT -x keepalived',
  ),
  onIt(
    failover('gw2', 'vrrp-maintenance', 'somebody has forgotten a maintenance'),
    'echo 1 >/etc/keepalived/maintenance',
    'echo 0 >/etc/keepalived/maintenance',
  ),
  onIt(
    failover('gw2', 'vrrp-connections', 'conntrackd is stopped'),
    'systemctl stop conntrackd',
    'systemctl start conntrackd',
  ),
  cable(failover('gw2', 'vrrp-link', 'the cable of the LAN is pulled'), 'lan'),
  onTheWay(
    {...failover('gw2', 'vrrp-heard', 'a switch drops VRRP'), isBetween: true},
    'gw2',
    'sync',
    'ip protocol 112',
  ),
]
