import {$, faultTask} from 'gatewright'

const port = 11123
const unit = 'gatewright-drill-time'
/** Seconds by which it is wrong: more than chrony corrects without a step (`makestep` counts for its first updates only). */
const offset = 5
/** Seconds between the epochs of NTP (1900) and Unix (RFC 5905, 6). */
const epochs = 2_208_988_800

/** Answers NTP (RFC 5905, 7.3) on the loopback with a time that is wrong. */
const server = `use Socket; use Time::HiRes;
socket(S, PF_INET, SOCK_DGRAM, 17) && bind(S, sockaddr_in(${port}, INADDR_LOOPBACK)) or die;
while (my $peer = recv(S, my $asked, 512, 0)) {
  my $now = Time::HiRes::time() + ${offset}; my $whole = int($now);
  my $stamp = pack("N2", $whole + ${epochs}, ($now - $whole) * 4294967296);
  send(S, pack("C4 N2 a4", 0x24, 1, 0, 236, 0, 0, "DRIL") . $stamp . substr($asked, 40, 8) . $stamp . $stamp, 0, $peer);
}`

/**
 * A source of time that says it is the best, and is wrong by some seconds: chrony should not believe it. The clock is never set; the
 * fault is refused where chrony could follow it, for want of two other sources that agree. A fault for drills.
 */
const {task, plan, heal} = faultTask('hardening-false-time', () => ({
  what: `a source of time is ${offset} s wrong`,
  inject: $`pgrep -a chronyd | grep -q -- ' -x' || [ "$(chronyc -c sources | grep -c ',[*+],')" -ge 2 ] ||
  { echo 'chrony has no two other sources that agree, and could believe the false one' >&2; exit 1; }
systemd-run --quiet --collect --unit=${unit} perl -e ${server}
chronyc add server 127.0.0.1 port ${port} minpoll 0 maxpoll 0 iburst >/dev/null`,
  heal: $`chronyc delete 127.0.0.1 >/dev/null 2>&1
systemctl stop ${unit} 2>/dev/null || :`,
}))
export default task
export {heal, plan}
