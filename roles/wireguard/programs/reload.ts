/**
 * ExecReload of wg-quick@<device>: the running device becomes what the files say, without being taken down. Sessions of peers that
 * did not change go on; a peer that has roamed stays where it is unless its endpoint was changed in the settings.
 */
export const reloadSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role wireguard.
set -u
. /usr/local/lib/gatewright/wireguard-lib
dev=$1
fail() { echo "<3>$dev: $*" >&2; exit 1; }

# A device with no private key, or another one, is one that no peer knows any more.
wanted=$(expected_key "$dev")
[ -n "$wanted" ] || fail "the settings name no key: nothing is changed"
[ "$(stripped "$dev" | sed -n 's/^PrivateKey = //p' | wg pubkey 2>/dev/null)" = "$wanted" ] ||
  fail "the private key in /etc/wireguard/$dev.conf does not belong to $wanted: nothing is changed"
before=$(wg show "$dev" public-key) || fail 'the device does not answer'

now=$(date +%s)
keep=$(
  { sed 's/^/old /' "$run/$dev.applied" 2>/dev/null; sed 's/^/new /' "$etc/$dev"; wg show "$dev" latest-handshakes | sed 's/^/shook /'; } |
    awk -v now="$now" '
      $1 == "old" && $2 == "peer" { was[$3] = $6 }
      $1 == "new" && $2 == "peer" && was[$3] == $6 { same[$3] }
      $1 == "shook" && ($2 in same) && now - $3 < 135 { print $2 }'
)
differences=$(
  { wg showconf "$dev" && echo @wanted && stripped "$dev"; } |
    awk -v keep="$keep" -v next_keys="$(sed -n 's/^next //p' "$etc/$dev")" -f "$lib/wireguard-differences.awk"
)
steps() { printf '%s\n' "$differences" | sed -n "s/^$1 *//p"; }
[ -z "$(printf '%s\n' "$differences" | sed -n '/^key$/p')" ] ||
  stripped "$dev" | sed -n 's/^PrivateKey = //p' | wg set "$dev" private-key /dev/stdin || fail 'the private key is refused'
for port in $(steps port); do wg set "$dev" listen-port "$port" || fail "the port $port is refused"; done
for mark in $(steps mark); do wg set "$dev" fwmark "$mark" || fail "the mark $mark is refused"; done
for peer in $(steps remove); do wg set "$dev" peer "$peer" remove; done
printf '%s\n' "$differences" | sed '/^\(key$\|port \|mark \|remove \)/d' | wg addconf "$dev" /dev/stdin || fail 'wg addconf has refused a peer'

after=$(wg show "$dev" public-key)
[ "$after" = "$wanted" ] || fail "its public key is $after now, and should be $wanted"
[ "$after" = "$before" ] || echo "<5>$dev: its public key was $before and is $after"

set_addresses "$dev" || fail 'an address or the MTU is refused'
adopt_keys "$dev"
"$lib/wireguard-routes" "$dev"
cp "$etc/$dev" "$run/$dev.applied"
`
