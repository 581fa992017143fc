/**
 * wireguard-check DEVICE CANDIDATE: the kernel itself reads the candidate, into a device that nobody uses. \`wg-quick strip\`
 * accepts every key and every address. Without the port, which the real device has, and without what would let it speak: wireguard-go
 * shakes hands at once, and a peer would take the scratch device for the real one.
 */
export const checkSh = String.raw`#!/bin/sh
# Written by gatewright. See the README of the role wireguard.
set -u
scratch=gwcheck$$
scratch=$(printf %.15s "$scratch")
sed -n 's/^PrivateKey = //p' "$1" | wg pubkey >/dev/null || { echo "the private key in $1 is none"; exit 1; }
ip link add "$scratch" type wireguard 2>/dev/null || wireguard-go "$scratch" >/dev/null 2>&1 || {
  echo "neither the kernel nor wireguard-go makes a device to try $1 with"
  exit 1
}
trap 'ip link delete "$scratch" 2>/dev/null' EXIT
sed '/^\(Address\|MTU\|Table\|PostUp\|ListenPort\|FwMark\|PrivateKey\|Endpoint\|PersistentKeepalive\) = /d' "$1" | wg setconf "$scratch" /dev/stdin
`
