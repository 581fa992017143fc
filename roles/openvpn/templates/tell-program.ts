/**
 * openvpn-tell SOCKET COMMAND...: asks a running OpenVPN by its management interface (doc/management-notes.txt) and prints the
 * answers. In perl-base, which every Debian has, as a shell cannot open a unix socket. The interface serves one caller at a time.
 */
export const tellProgram = `#!/usr/bin/perl
# Written by gatewright; changes are overwritten.
use strict;
use warnings;
use IO::Socket::UNIX;
my ($path, @commands) = @ARGV;
alarm 10;
my $socket = IO::Socket::UNIX->new($path) or die "$path: $!\\n";
$socket->autoflush(1);
my $failed = 0;
for my $command (@commands) {
  print $socket "$command\\n";
  while (my $line = <$socket>) {
    $line =~ s/\\r?\\n$//;
    next if $line =~ /^>/;
    last if $line eq 'END';
    print "$line\\n";
    $failed = 1 if $line =~ /^ERROR:/;
    last if $line =~ /^(SUCCESS|ERROR):/;
  }
}
print $socket "quit\\n";
exit $failed;
`
