/**
 * gatewright-wireguard.service: follows the VRRP state, brings back what is gone, tells the journal who comes and goes, and
 * resolves names. One loop decides; what can wait (names, the other gateway) is in loops of its own, so that a take-over waits
 * for nothing. Lines in the FIFO are shorter than PIPE_BUF and so are written whole, pipe(7).
 */
export const watchSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role wireguard.
set -u
. /usr/local/lib/gatewright/wireguard-lib
vrrp=/run/gatewright/vrrp/state
mkdir -p "$run" "$kept"
rm -f "$run/events"
mkfifo -m 0600 "$run/events"
: >>"$run/sessions.memory"
# Open for both, so that neither end is ever missing.
exec 3<>"$run/events"

is_pending() { grep -qs '^next ' "$etc"/*; }
ticks() { while :; do echo tick; if is_pending; then sleep 0.2; else sleep 1; fi; done; }
# Somebody deleted a device, or its daemon died.
watch_links() {
  while :; do ip -o monitor link; sleep 1; done | while read -r line; do
    case $line in Deleted*) echo look ;; esac
  done
}

# Only one gateway may ever send: where nobody knows the state, it is down.
wanted() { # DEVICE
  follow=$(setting "$1" follow)
  [ -n "$follow" ] || { echo up; return; }
  line=
  [ ! -r "$vrrp" ] || read -r line <"$vrrp" || :
  case $line in
    *'"name":"'"$follow"'"'*'"state":"MASTER"'*) echo up ;;
    *) echo down ;;
  esac
}

# A wireguard-go that hangs answers nobody.
is_there() { timeout 3 wg show "$1" listen-port >/dev/null 2>&1; }

is_up() { read -r flags <"/sys/class/net/$1/flags" && [ $((flags & 1)) = 1 ]; }

hold() { # DEVICE
  unit=wg-quick@$1
  case $(wanted "$1") in
    up)
      if is_there "$1"; then
        is_up "$1" || { echo "<4>$1 was down: it is set up again" && ip link set dev "$1" up && set_addresses "$1" && "$lib/wireguard-routes" "$1"; }
        return
      fi
      state=$(systemctl is-active "$unit")
      case $state in
        active) echo "<4>$1 is gone: it is made again"; systemctl restart "$unit" && echo "<5>$1 is back" ;;
        # One that follows nobody was stopped by somebody, who may have it so.
        inactive | failed) [ -z "$(setting "$1" follow)" ] || { systemctl start "$unit" && echo "<5>$1 is up: this gateway is master"; } ;;
      esac ;;
    down)
      state=$(systemctl is-active "$unit")
      [ "$state" = inactive ] && ! is_there "$1" && return
      lowered=" $1$lowered"
      cp "$run/endpoints" "$run/peer-endpoints" 2>/dev/null
      systemctl stop "$unit"
      ! is_there "$1" || ip link delete "$1"
      echo "<5>$1 is down: this gateway is not master" ;;
  esac
}

# Who is where, for this gateway after a restart and for the other one: device key endpoint handshake.
remember() {
  awk 'NF == 9 && $4 != "(none)" && $6 > 0 { print $1, $2, $4, $6 }' "$run/devices.look" >"$run/endpoints.new"
  [ ! -s "$run/endpoints.new" ] || mv "$run/endpoints.new" "$run/endpoints"
}

look() {
  lowered=' '
  for dev in $(devices); do hold "$dev"; done
  # Without the private key and the secrets of peers, which are fields of it.
  { timeout 5 wg show all dump 2>/dev/null || echo failed; } |
    awk '$1 == "failed" { exit 1 } NF == 5 { $2 = "-" } NF == 9 { $3 = "-" } { print }' >"$run/devices.look" || return
  remember
  (cd "$etc" && awk -v now="$(date +%s)" -v lowered="$lowered" -f "$lib/wireguard-sessions.awk" $(ls) "$run/sessions.memory" "$run/devices.look") >"$run/said" || return
  sed -n '/^peer /p' "$run/said" >"$run/memory.new" && mv "$run/memory.new" "$run/sessions.memory"
  sed -n 's/^log /<6>/p' "$run/said"
  # Who was ever heard: the health check is silent about far ends that nobody has set up yet.
  sed -n 's/^met //p' "$run/said" | while read -r line; do grep -qsxF "$line" "$kept/met" || echo "$line" >>"$kept/met"; done
  # Somebody has changed peers or the key by hand; what the settings want since the last reload is not ours to do.
  sed -n 's/^drift //p' "$run/said" | while read -r dev; do
    cmp -s "$etc/$dev" "$run/$dev.applied" && echo "<4>$dev has other peers than its file: they are set again" && "$lib/wireguard-reload" "$dev"
  done
  for dev in $(devices); do adopt_keys "$dev"; done
}

# Names, and peers that nobody has heard for 135 s: longer than a rekeying (120 s) and its retries take when all is well.
resolve() {
  while sleep 2; do
    for dev in $(devices); do
      is_there "$dev" || continue
      stale_peers "$dev" "$(date +%s)" |
        while read -r key endpoint found; do
          host=\${endpoint%:*} port=\${endpoint##*:}
          case $host in
            \[*) address=$host ;;
            *[!0-9.]*) address=$(timeout 5 getent ahosts "$host" | awk '$2 == "STREAM" || $2 == "DGRAM" { print ($1 ~ /:/ ? "[" $1 "]" : $1); exit }') ;;
            *) address=$host ;;
          esac
          [ -n "$address" ] && [ "$address:$port" != "$found" ] || continue
          wg set "$dev" peer "$key" endpoint "$address:$port" && echo "<6>endpoint device=$dev key=$key name=$endpoint address=$address:$port before=$found"
        done
    done
  done
}

# Makes again what somebody took from the tables.
routes() { while sleep 3; do for dev in $(devices); do ! is_there "$dev" || "$lib/wireguard-routes" "$dev"; done; done; }

# The standby asks the master where its peers are.
fetch() {
  while sleep 2; do
    follows=
    for dev in $(devices); do [ -z "$(setting "$dev" follow)" ] || [ "$(wanted "$dev")" = up ] || follows=yes; done
    [ -n "$follows" ] || continue
    for other in $(cat "$etc/../wireguard.peers" 2>/dev/null); do
      timeout 2 bash -c 'exec 4<>"/dev/tcp/$1/$2" && head -c 1000000 <&4' fetch "\${other%,*}" "\${other#*,}" >"$run/fetched" 2>/dev/null &&
        [ -s "$run/fetched" ] && mv "$run/fetched" "$run/peer-endpoints"
    done
  done
}

ticks >&3 3>&- &
watch_links >&3 3>&- &
resolve 3>&- &
routes 3>&- &
fetch 3>&- &

lowered=' '
while read -r word <&3; do
  look
  [ "$word" != tick ] || systemd-notify --ready WATCHDOG=1
done
`.replaceAll('\\${', '${')
