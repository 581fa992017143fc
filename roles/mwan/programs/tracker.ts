/**
 * gatewright-mwan.service: gathers probes (fping), link events (ip monitor), the VRRP state and the operator's override into one
 * FIFO, lets mwan-decide.awk decide, and does what it says. Lines shorter than PIPE_BUF are written whole, pipe(7).
 */
export const trackerSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role mwan.
set -u
conf=/etc/gatewright/mwan lib=/usr/local/lib/gatewright run=/run/gatewright/mwan
kept=/var/lib/gatewright-mwan/override vrrp=/run/gatewright/vrrp/state
mkdir -p "$run" /run/gatewright/track
rm -f "$run/events" "$run"/*.*[0-9]
mkfifo -m 0600 "$run/events"
: >>"$run/memory"
# Open for both, so that neither end is ever missing.
exec 3<>"$run/events"

setting() { sed -n "s/^set $1 //p" "$conf/tracker"; }
now() { read -r uptime _ </proc/uptime; }

prober() { # UPLINK FAMILY DEVICE COUNT TARGET...
  uplink=$1 family=$2 device=$3 count=$4
  shift 4
  while :; do
    now
    before=\${uptime%.*}
    # Bound to the device; the rule "oif DEVICE" leads what is bound to it into the uplink's own table. Anew every half minute, of
    # tunnels every five seconds: a device that was removed and made again is another one to a socket that is bound.
    fping "-$family" -c "$count" -I "$device" -p "$period_ms" -t "$timeout_ms" "$@" 2>/dev/null |
      while read -r target _ _ size unit ms _; do
        now
        case $size:$unit in
          timed:*) echo "probe $uptime $uplink $family $target lost" ;;
          *:bytes,) echo "probe $uptime $uplink $family $target $ms" ;;
        esac
      done
    now
    [ "\${uptime%.*}" -gt "$((before + 1))" ] || sleep 1
  done
}

link_lines() {
  while read -r first name flags _; do
    name=\${name%%[@:]*}
    case $first:$flags in
      Deleted:*) now; echo "device $uptime \${flags%%[@:]*} down" ;;
      *:"<"*NO-CARRIER*) now; echo "device $uptime $name down" ;;
      *:"<"*LOWER_UP*) now; echo "device $uptime $name up" ;;
      *:"<"*) now; echo "device $uptime $name down" ;;
    esac
  done
}

watch_links() { while :; do ip -o link show; ip -o monitor link; sleep 1; done | link_lines; }

watch_routes() {
  while :; do
    ip -o monitor rule route
    sleep 1
  done | while read -r line; do
    case $line in
      *" table local "*) ;;
      *" table "* | *" lookup "* | *[0-9]:*from*) now; echo "changed $uptime" ;;
    esac
  done
}

# Also of what was never there, and of what happened between two looks of watch_links.
carriers() {
  for device in $devices; do
    carrier=0
    [ ! -r "/sys/class/net/$device/carrier" ] || read -r carrier <"/sys/class/net/$device/carrier" || carrier=0
    [ "$carrier" = 1 ] && echo "device $uptime $device up" || echo "device $uptime $device down"
  done 2>/dev/null
}

is_master() {
  line=
  [ -z "$follow" ] || [ ! -r "$vrrp" ] || read -r line <"$vrrp" || :
  case $line in *'"name":"'"$follow"'"'*'"state":"MASTER"'*) ;; *'"name":"'"$follow"'"'*) return 1 ;; esac
}

ticks() {
  devices=$(sed -n 's/^uplink [^ ]* \([^ ]*\) .*/\1/p' "$conf/tracker")
  while :; do
    override=none
    [ ! -r "$kept" ] || read -r override <"$kept" || :
    now
    carriers
    echo "override $uptime \${override:-none}"
    # After the override, so that a start applies both at once.
    is_master && echo "steer $uptime yes" || echo "steer $uptime no"
    echo "tick $uptime $(date +%s)"
    sleep 1
  done
}

# nft COMMANDS: a table that somebody flushed is loaded again first.
choose() {
  nft "$1" 2>/dev/null || { nft -f "$conf/../nft/gatewright_mwan.nft" && nft "$1" && echo 'the table gatewright_mwan was gone and is loaded again'; }
}

obey() {
  while read -r word rest; do
    case $word in
      log) echo "$rest" ;;
      nft) choose "$rest" ;;
      flush)
        set -- $rest
        [ "$1" = 6 ] && family=ipv6 || family=ipv4
        [ "$3" = nat ] && which=--src-nat || which=
        # The same cable may have cost this gateway its mastership at this moment: its flows go on at the other one, and
        # conntrackd would take them from there too. keepalived knows within milliseconds.
        (
          sleep 0.3
          ! is_master || conntrack -D -f "$family" --mark "$2" $which >/dev/null 2>&1
        ) &
        ;;
      # keepalived watches this file itself, so it is written in place.
      track) echo "$rest" >/run/gatewright/track/mwan ;;
      reconcile) "$lib/mwan-routes" & ;;
      publish)
        mv "$run/state.$rest" "$run/state.json"
        mv "$run/metrics.$rest" "$run/metrics.prom"
        ;;
      memorise) mv "$run/memory.$rest" "$run/memory" ;;
      alive) systemd-notify --ready WATCHDOG=1 ;;
    esac
  done
}

follow=$(setting follow)
period_ms=$(setting period_ms) timeout_ms=$(setting timeout_ms)
"$lib/mwan-routes"
while read -r word uplink family addresses; do
  [ "$word" = path ] || continue
  set -- $(sed -n "s/^uplink $uplink //p" "$conf/tracker")
  prober "$uplink" "$family" "$1" "$4" $addresses >&3 3>&- &
done <"$conf/tracker"
watch_links >&3 3>&- &
watch_routes >&3 3>&- &
ticks >&3 3>&- &

# mawk reads its input by the block unless told not to.
awk='awk'
! command -v mawk >/dev/null || awk='mawk -W interactive'
$awk -v dir="$run" -f "$lib/mwan-decide.awk" "$conf/tracker" "$run/memory" - <&3 | obey
echo 'the decisions ended' >&2
exit 1
`.replaceAll('\\${', '${')
