import type {Topology} from '../../lab/index.ts'
import type {MonitoringFault} from './monitoring-faults.ts'
import {onHost} from './site.ts'

/** Of upstream on the management network, and a port where no other server of time is. */
const [address, port] = ['10.10.254.4', 11123]

/** Answers NTP (RFC 5905, 7.3) as a server of stratum 1 whose clock is half a second ahead. 2208988800 s lie between its epoch and Unix's. */
const server = `use Socket; use Time::HiRes;
socket(S, PF_INET, SOCK_DGRAM, 17) && bind(S, sockaddr_in(${port}, inet_aton("${address}"))) or die;
while (my $peer = recv(S, my $asked, 512, 0)) {
  my $now = Time::HiRes::time() + 0.5; my $whole = int($now);
  my $stamp = pack("N2", $whole + 2208988800, ($now - $whole) * 4294967296);
  send(S, pack("C4 N2 a4", 0x24, 1, 0, 236, 0, 0, "LAB") . $stamp . substr($asked, 40, 8) . $stamp . $stamp, 0, $peer);
}`

/**
 * A source of time that is wrong, and that a gateway is told to trust more than the others: by chrony the clock of the host is wrong
 * then. Nobody sets it: the lab's chronyd measures only (-x), and has no right to steer.
 */
export const falseTime = (lab: Topology, host: string): MonitoringFault => ({
  inject: async () => {
    await onHost(lab, 'upstream', `systemd-run -q --unit=false-time perl -e '${server}'`)
    await onHost(
      lab,
      host,
      `pgrep -a chronyd | grep -q -- ' -x' && chronyc add server ${address} port ${port} minpoll 0 maxpoll 0 iburst trust prefer`,
    )
  },
  heal: async () => {
    await onHost(lab, 'upstream', 'systemctl stop false-time')
    // The other gateway may have believed this one.
    for (const gateway of ['gw1', 'gw2']) await onHost(lab, gateway, 'systemctl restart chrony')
  },
  alerts: [{alertname: 'ClockOffset', host}],
})
