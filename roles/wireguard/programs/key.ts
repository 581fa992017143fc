/**
 * wireguard-key DEVICE next|present: gives the device its next key, or the one that it had. The mark outlives a reboot, and has no
 * meaning any more once the settings know no next key.
 */
export const keySh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role wireguard.
set -u
. /usr/local/lib/gatewright/wireguard-lib
mkdir -p "$kept" "$run"
case $2 in
  next)
    key=$(setting "$1" next_public_key)
    [ -n "$key" ] && [ "$(wg pubkey <"/etc/wireguard/$1.next" 2>/dev/null)" = "$key" ] || {
      echo "$1 has no next key on this host" >&2
      exit 1
    }
    printf '%s\n' "$key" >"$kept/$1.rotated.new" && mv "$kept/$1.rotated.new" "$kept/$1.rotated"
    ;;
  present) rm -f "$kept/$1.rotated" ;;
  *) exit 2 ;;
esac
# Down on the standby of a pair: it will be right when it comes up.
wg show "$1" listen-port >/dev/null 2>&1 || exit 0
stripped "$1" | sed -n 's/^PrivateKey = //p' | wg set "$1" private-key /dev/stdin || exit
greet_peers "$1"
echo "<5>key device=$1 own=$(wg show "$1" public-key)"
`
