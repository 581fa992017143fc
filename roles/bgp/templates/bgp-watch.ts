import {trackFile} from '../places.ts'
import type {BgpView} from '../view.ts'

/**
 * Writes 1 to the track file while this gateway should not be VRRP master: until the neighbors have sent their routes
 * (End-of-RIB, RFC 4724) or the limit is over, and while all its own uplinks are down and the other gateway has routes.
 */
export const bgpWatch = ({sessions, readyLimit}: BgpView): string => {
  const watched = sessions.filter(({shutdown}) => !shutdown)
  const external = watched.filter(({isInternal}) => !isInternal).map(({address}) => address)
  const internal = watched.filter(({isInternal}) => isInternal).map(({address}) => address)
  return `#!/bin/sh
# Written by gatewright; changes are overwritten.
set -u
export VTYSH_HISTFILE=/dev/null
external='${external.join(' ')}'
internal='${internal.join(' ')}'

# One word: "gone" no answer from bgpd, "ready" all uplinks have sent their routes, "some" one has, "lost" none is up and the
# other gateway has routes for us, "none" none is up.
look() {
  vtysh -c 'show bgp neighbors' 2>/dev/null | awk -v external="$external" -v internal="$internal" '
    /^BGP neighbor is / { name = $4; sub(/,$/, "", name); seen = 1 }
    /BGP state = Established/ { up[name] = 1 }
    /Graceful Restart Capability:.*received/ { tells[name] = 1 }
    /End-of-RIB received: *[A-Z]/ { done[name] = 1 }
    / accepted prefixes/ { count[name] += $1 }
    END {
      if (!seen) { print "gone"; exit }
      many = split(external, list, " ")
      for (i = 1; i <= many; i++) {
        if (up[list[i]]) alive++
        if (up[list[i]] && (done[list[i]] || !tells[list[i]] && count[list[i]])) told++
      }
      for (i = split(internal, list, " "); i > 0; i--) if (up[list[i]] && count[list[i]]) other = 1
      print told == many ? "ready" : alive ? "some" : many && other ? "lost" : "none"
    }'
}

value=
tell() {
  [ "$value" = "$1" ] && [ -e ${trackFile} ] && return
  value=$1
  printf '%s\\n' "$value" >${trackFile}
  echo "VRRP rank: $([ "$value" = 0 ] && echo as configured || echo 'FAULT'), because $2"
}

mkdir -p ${trackFile.replace(/\/[^/]*$/, '')}
waited=0 lost=0
tell 1 'the neighbors have not sent their routes yet'
until [ "$(look)" = ready ]; do
  waited=$((waited + 1))
  [ $waited -lt ${readyLimit} ] || break
  sleep 1
done
if [ $waited -lt ${readyLimit} ]; then tell 0 'all neighbors have sent their routes'
else tell 0 'the limit of ${readyLimit} s is over'
fi

while sleep 2; do
  case $(look) in
  # keepalived tracks the process; when it comes back it has to wait for its routes as at boot.
  gone) exit 1 ;;
  lost) lost=$((lost + 1)); [ $lost -lt 2 ] || tell 1 'no uplink has a session and the other gateway has routes' ;;
  *) lost=0; tell 0 'an uplink is there, or the other gateway has none either' ;;
  esac
done
`
}
