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

# Without bgpd or zebra the kernel has no routes any more.
alive() {
  for daemon in bgpd zebra; do
    read -r pid 2>/dev/null </run/frr/$daemon.pid && kill -0 "$pid" 2>/dev/null || return
  done
}

mkdir -p ${trackFile.replace(/\/[^/]*$/, '')}
read -r value 2>/dev/null <${trackFile}
# Started anew while all is well, because this program has changed: no reason for a switch-over.
if [ "$value" != 0 ] || ! alive; then
  tell 1 'the neighbors have not sent their routes yet'
  waited=0
  until [ "$(look)" = ready ]; do
    alive && waited=$((waited + 1))
    [ $waited -lt ${readyLimit} ] || break
    sleep 1
  done
  if [ $waited -lt ${readyLimit} ]; then tell 0 'all neighbors have sent their routes'
  else tell 0 'the limit of ${readyLimit} s is over'
  fi
fi

lost=0 ticks=0
while sleep 0.5; do
  # Back at the start: routes have to be waited for as at boot.
  alive || { tell 1 'bgpd or zebra has died'; exit 1; }
  ticks=$((ticks + 1))
  [ $((ticks % 4)) = 0 ] || continue
  case $(look) in
  lost) lost=$((lost + 1)); [ $lost -lt 2 ] || tell 1 'no uplink has a session and the other gateway has routes' ;;
  gone) ;;
  *) lost=0; tell 0 'an uplink is there, or the other gateway has none either' ;;
  esac
done
`
}
