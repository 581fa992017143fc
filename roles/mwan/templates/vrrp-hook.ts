/**
 * /etc/gatewright/vrrp.d/30-mwan STATE NAME: tells the tracker at once what it would read within a second. Nobody listening is no
 * reason to hold up a takeover.
 */
export const vrrpHook = (follow: string): string => `#!/bin/sh
# Written by gatewright.
[ "$2" = '${follow}' ] && [ -p /run/gatewright/mwan/events ] || exit 0
read -r uptime _ </proc/uptime
[ "$1" = master ] && steers=yes || steers=no
timeout 1 sh -c "echo 'steer $uptime $steers' >/run/gatewright/mwan/events" || exit 0
`
