import {runDirectory} from '../view.ts'

export const startPath = '/usr/local/lib/gatewright/vrrp-keepalived'
/** Why this start of keepalived got no realtime scheduling. */
export const refusalFile = `${runDirectory}/realtime-refused`

/**
 * Becomes keepalived, in realtime where the host allows it. Not by CPUSchedulingPolicy of systemd, with which a host that refuses
 * could not start the unit (214/SETSCHEDULER), and not by `vrrp_rt_priority`, with which keepalived 2.2.7 sets the realtime time
 * limit of its VRRP process to zero on each reload, and the kernel kills it within seconds.
 */
export const startScript = ({realtimePriority}: {realtimePriority: number}): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
if why=$(chrt --rr ${realtimePriority} true 2>&1); then
  rm -f ${refusalFile}
  exec chrt --rr ${realtimePriority} /usr/sbin/keepalived "$@"
fi
printf '%s\\n' "$why" >${refusalFile}
echo "<4>without realtime scheduling: $why"
exec /usr/sbin/keepalived "$@"
`
