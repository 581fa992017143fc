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

# wg syncconf with a file that has no private key, or another one, leaves a device that no peer knows any more.
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
stripped "$dev" | awk -v keep="$keep" '
  BEGIN { n = split(keep, keys, "\n"); for (i = 1; i <= n; i++) stays[keys[i]] }
  /^\[/ { key = "" }
  /^PublicKey = / { key = $3 }
  /^Endpoint = / && (key in stays) { next }
  { print }' | wg syncconf "$dev" /dev/stdin || fail 'wg syncconf has refused its file'

after=$(wg show "$dev" public-key)
[ "$after" = "$wanted" ] || fail "its public key is $after now, and should be $wanted"
[ "$after" = "$before" ] || echo "<5>$dev: its public key was $before and is $after"

set_addresses "$dev" || fail 'an address or the MTU is refused'
adopt_keys "$dev"
"$lib/wireguard-routes" "$dev"
cp "$etc/$dev" "$run/$dev.applied"
`
