/**
 * monitoring-check CHECKS FORMER: asks whatever is due, all at once, each bound to the device of its way (socket(7), SO_BINDTODEVICE is 25; curl(1),
 * --interface; fping(8), -I), and prints what it found. What is not due yet is told again as it was. Of a device that is not there it tells
 * nothing: the other gateway of the pair may have it. In perl-base, which every Debian has.
 */
export const checkProgramText = String.raw`#!/usr/bin/perl
# Written by gatewright; changes are overwritten.
use strict;
use warnings;
use Socket qw(:DEFAULT getaddrinfo inet_ntop);
use Time::HiRes qw(time alarm);

# A connection over a device; a name is resolved by whatever way the host resolves names.
sub reach {
  my ($type, $host, $port, $device) = @_;
  my ($error, $to) = getaddrinfo($host, $port, {socktype => $type});
  die "$error\n" if $error;
  socket(my $socket, $to->{family}, $type, 0) or die "$!\n";
  setsockopt($socket, SOL_SOCKET, 25, "$device\0") or die "$!\n";
  connect($socket, $to->{addr}) or die "$!\n";
  return $socket;
}

# Behind a name at $at of a message (RFC 1035, 4.1.4).
sub behind {
  my ($message, $at) = @_;
  while (my $length = ord substr($message, $at, 1)) {
    return $at + 2 if $length >= 192;
    $at += $length + 1;
  }
  return $at + 1;
}

my %probes = (
  icmp => sub {
    my ($check) = @_;
    return system('fping', '-q', '-c1', '-t', 1000 * $check->{timeout}, '-I', $check->{device}, $check->{target}) == 0;
  },
  tcp => sub {
    my ($check) = @_;
    my ($host, $port) = $check->{target} =~ /^\[?(.*?)\]?:(\d+)$/;
    return defined reach(SOCK_STREAM, $host, $port, $check->{device});
  },
  http => sub {
    my ($check) = @_;
    open(my $curl, '-|', 'curl', '-sS', '-g', '--noproxy', '*', '--max-time', $check->{timeout},
      '--interface', "if!$check->{device}", '-w', '\n%{http_code}', $check->{target}) or return 0;
    my $all = do { local $/; <$curl> };
    close $curl or return 0;
    my ($page, $status) = $all =~ /^(.*)\n(\d+)$/s or return 0;
    return $status == $check->{status} && index($page, $check->{answer}) >= 0;
  },
  dns => sub {
    my ($check) = @_;
    my ($name, $server) = split /\@/, $check->{target}, 2;
    my $type = $check->{answer} =~ /:/ ? 28 : 1;
    my ($host, $port) = $server =~ /^(?|\[(.*)\]:(\d+)|([\d.]+):(\d+))$/;
    my $socket = reach(SOCK_DGRAM, $host // $server, $port // 53, $check->{device});
    my $id = int rand 65536;
    my $labels = join '', map { pack 'C/a*', $_ } split /\./, $name;
    send($socket, pack('n6', $id, 0x0100, 1, 0, 0, 0) . $labels . pack('Cnn', 0, $type, 1), 0) or return 0;
    defined recv($socket, my $reply, 4096, 0) or return 0;
    my ($of, $flags, undef, $answers) = unpack 'n4', $reply;
    return 0 if $of != $id || !($flags & 0x8000) || $flags & 15;
    my $at = behind($reply, 12) + 4;
    while ($answers-- > 0) {
      $at = behind($reply, $at);
      my ($kind, undef, undef, $length) = unpack 'nnNn', substr($reply, $at, 10);
      my $data = substr($reply, $at + 10, $length);
      $at += 10 + $length;
      next if $kind != $type;
      my $address = inet_ntop($type == 28 ? AF_INET6 : AF_INET, $data);
      return 1 if $check->{answer} eq '' || $check->{answer} eq $address;
    }
    return 0;
  },
);

my ($checks, $results) = @ARGV;
my %told;
if (open(my $former, '<', $results)) {
  while (<$former>) { $told{$2}{$1} = $3 if /^gatewright_check_(\w+)(\{.*\}) (\S+)$/ }
}
open(my $conf, '<', $checks) or die "$checks: $!\n";
my (@order, %running);
while (<$conf>) {
  chomp;
  next if /^#/;
  my %check;
  @check{qw(name kind via device target status answer timeout interval)} = split /\t/, $_, -1;
  next unless -e "/sys/class/net/$check{device}";
  my $labels = qq({check="$check{name}",kind="$check{kind}",via="$check{via}"});
  push @order, $labels;
  my $begun = time;
  my $since = $begun - ($told{$labels}{asked_seconds} // 0);
  # A second for a timer that is early.
  next if $since >= 0 && $since + 1 < $check{interval};
  defined(my $child = fork) or die "fork: $!\n";
  if ($child == 0) {
    alarm $check{timeout};
    open(STDOUT, '>', '/dev/null');
    open(STDERR, '>', '/dev/null');
    exit(eval { $probes{$check{kind}}->(\%check) } ? 0 : 1);
  }
  $running{$child} = [$labels, $begun];
}
while ((my $child = wait) > 0) {
  my ($labels, $begun) = @{$running{$child}};
  my $up = $? == 0 ? 1 : 0;
  # The journal has what changed.
  print STDERR "$labels is " . ($up ? 'well' : 'not well') . "\n" if $up != ($told{$labels}{up} // -1);
  $told{$labels} = {up => $up, seconds => sprintf('%.4f', time - $begun), asked_seconds => int $begun};
}
for (['up', 'whether the answer was as it should be'], ['seconds', 'how long it took'], ['asked_seconds', 'when it was asked, in Unix time']) {
  my ($name, $help) = @$_;
  print "# HELP gatewright_check_$name $help\n# TYPE gatewright_check_$name gauge\n";
  print "gatewright_check_$name$_ $told{$_}{$name}\n" for @order;
}
`
