import {$, type Fact} from 'gatewright'

/** An advertisement that was heard, and who has sent it. */
export type Advert = {
  readonly device: string
  readonly family: 4 | 6
  readonly vrid: number
  readonly source: string
  readonly mac: string
}

/** Five of the usual second between two advertisements. */
const seconds = 5

/**
 * Advertisements of others on these devices. Listened for only where keepalived was never set up: later its own counters tell
 * (`vrrp.verify`), and a run should not take five seconds more for ever. Needs root, and perl, which every Debian has; else
 * nothing is told.
 */
export const advertsFact = (devices: readonly string[]): Fact<readonly Advert[]> => ({
  name: 'VRRP advertisements of others',
  command: $`
set -- ${devices}
[ $# -gt 0 ] && [ ! -e /etc/keepalived/keepalived.conf ] && command -v perl >/dev/null || exit 0
perl -e ${listen} ${seconds} "$@" 2>/dev/null
exit 0`,
  parse: ({stdout}) =>
    stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [device = '', family, vrid, source = '', mac = ''] = line.split(' ')
        return {device, family: Number(family) === 6 ? 6 : 4, vrid: Number(vrid), source, mac}
      }),
})

/**
 * packet(7) sockets, which see packets before the packet filter: ETH_P_ALL is 3, PACKET_ADD_MEMBERSHIP of SOL_PACKET 1 of 263; the
 * groups 224.0.0.18 and ff02::12 (RFC 5798, 5.1). Protocol 112 is VRRP; its second byte is the VRID.
 */
const listen = `
use Socket;
my ($seconds, @devices) = @ARGV;
my (@sockets, %seen);
my $bits = "";
for my $device (@devices) {
  open(my $file, "<", "/sys/class/net/$device/ifindex") or next;
  my $index = <$file> + 0;
  socket(my $socket, 17, SOCK_DGRAM, unpack("S", pack("n", 3))) or exit;
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
    my $version = ord($packet) >> 4;
    my $head = $version == 6 ? 40 : 4 * (ord($packet) & 15);
    next unless length($packet) > $head + 1 and ord(substr($packet, $version == 6 ? 6 : 9, 1)) == 112;
    my $source = $version == 6 ? inet_ntop(AF_INET6, substr($packet, 8, 16)) : inet_ntoa(substr($packet, 12, 4));
    my $mac = join(":", map { sprintf("%02x", $_) } unpack("x12C6", $from));
    my $line = join(" ", $device, $version, ord(substr($packet, $head + 1, 1)), $source, $mac);
    print "$line\\n" unless $seen{$line}++;
  }
}
`
