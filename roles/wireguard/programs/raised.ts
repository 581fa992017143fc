/** PostUp of wg-quick(8): what a new device needs besides its file. It runs wherever the device comes from. */
export const raisedSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role wireguard.
set -u
. /usr/local/lib/gatewright/wireguard-lib
mkdir -p "$run"
! is_rotated "$1" || wg set "$1" private-key "/etc/wireguard/$1.next"
# The way out first: handshakes begin as soon as the endpoints are known.
"$lib/wireguard-routes" "$1"
restore_endpoints "$1"
greet_peers "$1"
adopt_keys "$1"
cp "$etc/$1" "$run/$1.applied"
`
