import {$, type Fact} from 'gatewright'

/** Advertisements of one kind on a device, counted for a while. */
export type OnWire = {
  readonly device: string
  readonly family: 4 | 6
  /** `out`: this host has sent them. */
  readonly way: 'in' | 'out'
  readonly version: number
  readonly vrid: number
  readonly priority: number
  readonly interval: number
  readonly source: string
  readonly mac: string
  readonly count: number
}

/**
 * What passes on these devices within `seconds`, before the packet filter sees what comes in and after it saw what goes out. Needs
 * root, and perl, which every Debian has; else nothing is told.
 */
export const onWire = (devices: readonly string[], seconds: number): Fact<readonly OnWire[] | undefined> => ({
  name: 'VRRP advertisements on the wire',
  command: $`command -v perl >/dev/null && perl -e ${listen} ${seconds} ${devices} 2>/dev/null`,
  parse: ({code, stdout}) => (code === 0 ? heard(stdout) : undefined),
})

/** Seconds: five of the usual second between two advertisements. */
const beforehand = 5

/**
 * Advertisements of others on these devices. Listened for only where keepalived was never set up: later its own counters tell
 * (`vrrp.verify`), and a run should not take five seconds more for ever.
 */
export const advertsOfOthers = (devices: readonly string[]): Fact<readonly OnWire[]> => ({
  name: 'VRRP advertisements of others',
  command: $`
set -- ${devices}
[ $# -gt 0 ] && [ ! -e /etc/keepalived/keepalived.conf ] && command -v perl >/dev/null || exit 0
perl -e ${listen} ${beforehand} "$@" 2>/dev/null
exit 0`,
  parse: ({stdout}) => heard(stdout).filter(({way}) => way === 'in'),
})

const heard = (stdout: string): readonly OnWire[] =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [count, device = '', way, family, version, vrid, priority, interval, source = '', mac = ''] =
        line.split(' ')
      return {
        device,
        way: way === 'out' ? 'out' : 'in',
        family: Number(family) === 6 ? 6 : 4,
        version: Number(version),
        vrid: Number(vrid),
        priority: Number(priority),
        interval: Number(interval),
        source,
        mac,
        count: Number(count),
      }
    })

/**
 * packet(7): ETH_P_ALL is 3, PACKET_OUTGOING 4, PACKET_ADD_MEMBERSHIP of SOL_PACKET 1 of 263; VRRP is protocol 112, its groups
 * 224.0.0.18 and ff02::12. Version and type, VRID, priority, count; then version 3 has the interval in hundredths of a second in
 * 12 bits (RFC 5798, 5.2), version 2 in seconds in the second byte of two (RFC 3768, 5.3).
 */
const listen = `
use Socket; use Time::HiRes qw(time);
my ($seconds, @devices) = @ARGV;
my (@sockets, %seen);
my $bits = "";
for my $device (@devices) {
  open(my $file, "<", "/sys/class/net/$device/ifindex") or next;
  my $index = <$file> + 0;
  socket(my $socket, 17, SOCK_DGRAM, unpack("S", pack("n", 3))) or exit 1;
  bind($socket, pack("SniSCCa8", 17, 3, $index, 0, 0, 0, "")) or next;
  setsockopt($socket, 263, 1, pack("iSSa8", $index, 0, 6, pack("H12", $_))) for "01005e000012", "333300000012";
  push @sockets, [$socket, $device];
  vec($bits, fileno($socket), 1) = 1;
}
my $end = time + $seconds;
while (@sockets and (my $left = $end - time) > 0) {
  select(my $ready = $bits, undef, undef, $left);
  for (@sockets) {
    my ($socket, $device) = @$_;
    next unless vec($ready, fileno($socket), 1);
    my $from = recv($socket, my $packet, 2048, 0) or next;
    my $six = ord($packet) >> 4 == 6;
    my $head = $six ? 40 : 4 * (ord($packet) & 15);
    next unless length($packet) > $head + 7 and ord(substr($packet, $six ? 6 : 9, 1)) == 112;
    my $source = $six ? inet_ntop(AF_INET6, substr($packet, 8, 16)) : inet_ntoa(substr($packet, 12, 4));
    my ($kind, $vrid, $priority, undef, $high, $low) = unpack("C6", substr($packet, $head, 6));
    my $version = $kind >> 4;
    my $interval = $version == 3 ? (($high & 15) * 256 + $low) / 100 : $low;
    my $way = unpack("x10C", $from) == 4 ? "out" : "in";
    my $mac = join(":", map { sprintf("%02x", $_) } unpack("x12C6", $from));
    $seen{join(" ", $device, $way, $six ? 6 : 4, $version, $vrid, $priority, $interval, $source, $mac)}++;
  }
}
print "$seen{$_} $_\\n" for sort keys %seen;
`
