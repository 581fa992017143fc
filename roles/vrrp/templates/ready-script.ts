import {conntrackTrack} from '../view.ts'

export const readyPath = '/usr/local/lib/gatewright/vrrp-ready'

/** Seconds without a packet after which there is no peer to wait for. */
export const silenceSeconds = 3

/**
 * Asks the peer for all its connections and waits until no more of them come in. A gateway alone, or one whose peer never
 * answers, is better than none: it does not wait longer than the limit.
 */
export const readyScript = ({timeout}: {timeout: number}): string => `#!/bin/sh
# Written by gatewright; changes are overwritten.
# Lets keepalived take part once this gateway knows the connections of the other one.
set -u
now() { cut -d. -f1 /proc/uptime; }
start=$(now)
is_late() { [ $(($(now) - start)) -ge "$1" ]; }
received() { conntrackd -s 2>/dev/null | awk '/ Pckts recv/ {print $4}'; }
injected() { conntrackd -s 2>/dev/null | awk '/^(cache external|external inject):/ {on = 1} on && /:/ {sum += $NF + $(NF - 2)} /^traffic/ {on = 0} END {print sum + 0}'; }

why='the limit of ${timeout} s was reached'
until received | grep -q .; do
  is_late ${timeout} && break
  sleep 0.2
done
heard=$(received)
conntrackd -n >/dev/null 2>&1
quiet=0 last=-1
until is_late ${timeout}; do
  if [ "$(received)" = "$heard" ]; then
    is_late ${silenceSeconds} && why='no peer is heard' && break
  else
    count=$(injected)
    if [ "$count" = "$last" ]; then quiet=$((quiet + 1)); else quiet=0 last=$count; fi
    [ "$quiet" -ge 5 ] && why='the connections of the peer are here' && break
  fi
  sleep 0.2
done
echo 0 >${conntrackTrack}
echo "ready after $(($(now) - start)) s: $why"
`
