import {drainFile, markerProtocol} from '../places.ts'
import {ranks} from '../policy.ts'
import type {BgpView} from '../view.ts'

const metric = Object.fromEntries(ranks.map(({name, metric}) => [name, metric])) as Record<
  (typeof ranks)[number]['name'],
  number
>

/**
 * Puts one route per announced network into the kernel, to the network's first address, which nobody has. Its metric says how
 * well to announce: the static route maps of frr.conf read it, so that FRR's configuration stays as it was written.
 */
export const bgpAnnounce = (view: BgpView): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
# bgp-announce [STATE NAME]: announces as the VRRP state says. Without arguments as the present state says; the state file is
# newer than the arguments when changes follow each other closely.
set -u
follow='${view.follow}'
markers='${view.markers.join(' ')}'
[ -z "\${2:-}" ] || [ "$2" = "$follow" ] || exit 0
mkdir -p /run/gatewright/bgp
exec 9>/run/gatewright/bgp/lock
flock 9

state=\${1:-}
file=/run/gatewright/vrrp/state
if [ -r $file ]; then
  line=$(cat $file)
  case $line in *"\\"name\\":\\"$follow\\""*)
    state=$(printf '%s' "$line" | sed -n 's/.*"state":"\\([A-Z]*\\)".*/\\1/p' | tr '[:upper:]' '[:lower:]') ;;
  esac
fi
if [ -z "$follow" ]; then state=master
elif [ -z "$state" ]; then
  # Nobody has spoken yet: where VRRP is to be expected, the other gateway may be master.
  if systemctl is-enabled --quiet keepalived 2>/dev/null; then state=backup; else state=master; fi
fi

case $state in
master) metric=${metric.active} ;;
backup) metric=${view.standby === 'worse' ? metric.standby : ''} ;;
*) metric= ;;
esac
if [ -n "$metric" ] && [ -e ${drainFile} ]; then metric=${metric.drained}; fi

# The new one first: a network without any marker would be withdrawn for a moment.
for marker in $markers; do
  [ -z "$metric" ] || ip route replace blackhole "$marker" metric "$metric" proto ${markerProtocol} || exit
done
for family in -4 -6; do
  ip "$family" route show table main type blackhole proto ${markerProtocol} | while read -r _ found rest; do
    case $found in */*) ;; *:*) found=$found/128 ;; *) found=$found/32 ;; esac
    case " $markers " in *" $found "*) case "$rest " in *"metric \${metric:-none} "*) continue ;; esac ;; esac
    old=\${rest#*metric }
    ip "$family" route delete blackhole "$found" metric "\${old%% *}" proto ${markerProtocol}
  done
done
`

/** /etc/gatewright/vrrp.d/20-bgp, run by keepalived's notify script. */
export const notifyHook = (program: string): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
exec ${program} "$@"
`
