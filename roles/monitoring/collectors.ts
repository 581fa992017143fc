import type {Monitored} from 'gatewright'
import {
  checkProgram,
  checkResults,
  checksFile,
  driftFile,
  drillFile,
  hookFile,
  sinceFile,
  transitionsFile,
} from './places.ts'

/** Where VRRP is followed, its hook has counted. */
const transitions = `[ ! -e ${hookFile} ] || echo "# HELP gatewright_vrrp_transitions_total how often VRRP changed its state since the boot
# TYPE gatewright_vrrp_transitions_total counter
gatewright_vrrp_transitions_total $(cat ${transitionsFile} 2>/dev/null || echo 0)"
`

/** chronyc(1), tracking: field 5 is the offset of the system clock from the time of the sources; `Normal` leap: it has one. */
const clock = `! command -v chronyc >/dev/null ||
  chronyc -c tracking 2>/dev/null | awk -F , '
  $14 != "Not synchronised" && NF >= 14 {
    print "# HELP gatewright_clock_offset_seconds by how much the clock is wrong\\n# TYPE gatewright_clock_offset_seconds gauge"
    print "gatewright_clock_offset_seconds " $5
  }'
`

/** Logs and drills, and what NAT does: the kernel's table is read, which is not for every few seconds. */
const upkeep = `journal=$(journalctl --quiet --no-pager -o short-unix 2>/dev/null | awk '$1 ~ /^[0-9.]+$/ { printf "%d", $1; exit }')
[ -z "$journal" ] || echo "# HELP gatewright_log_oldest_seconds time of the oldest record, in Unix time
# TYPE gatewright_log_oldest_seconds gauge
gatewright_log_oldest_seconds $journal"
echo "# HELP gatewright_watched_since_seconds since when this host is watched, in Unix time
# TYPE gatewright_watched_since_seconds gauge
gatewright_watched_since_seconds $(stat -c %Y ${sinceFile} 2>/dev/null || date +%s)"
[ ! -e ${drillFile} ] || echo "# HELP gatewright_drill_passed_seconds when the pair last passed a drill, in Unix time
# TYPE gatewright_drill_passed_seconds gauge
gatewright_drill_passed_seconds $(stat -c %Y ${drillFile})"
[ ! -r ${driftFile} ] || while read -r changes at _; do echo "# HELP gatewright_drift_changes what check mode would change
# TYPE gatewright_drift_changes gauge
gatewright_drift_changes $changes
# HELP gatewright_drift_checked_seconds when check mode looked, in Unix time
# TYPE gatewright_drift_checked_seconds gauge
gatewright_drift_checked_seconds $at"; done <${driftFile}
! command -v conntrack >/dev/null || echo "# HELP gatewright_nat_sessions connections whose source is translated
# TYPE gatewright_nat_sessions gauge
gatewright_nat_sessions $(conntrack -L --src-nat 2>/dev/null | wc -l)"
`

/** What the role itself tells of each host: what belongs to no other role. */
export const ownMetrics: readonly NonNullable<Monitored['metrics']>[] = [
  {name: 'host', program: `${transitions}${clock}`},
  {name: 'upkeep', isSlow: true, program: upkeep},
]

/** The checks of a host, all in one program. */
export const checkMetrics: NonNullable<Monitored['metrics']> = {
  name: 'checks',
  program: `exec ${checkProgram} ${checksFile} ${checkResults}\n`,
}
