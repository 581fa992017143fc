import {runDirectory} from '../places.ts'

/**
 * openvpn-session SERVER, run by OpenVPN as its own account when a client connects or leaves: a line in the journal, and a file for
 * as long as it lasts. OpenVPN serves nobody meanwhile, so it starts no process but itself. Values are those of openvpn(8),
 * "Environmental Variables"; OpenVPN has replaced what is no letter, digit or `_-.@:/` in the common name.
 */
export const sessionHook = `#!/bin/sh
# Written by gatewright; changes are overwritten.
server=$1
set -f
IFS=:
set -- $tls_serial_hex_0
IFS=
serial="$*"
who="server=$server cn=$common_name serial=$serial source=\${trusted_ip:-$trusted_ip6}:$trusted_port"
who="$who address=$ifconfig_pool_remote_ip\${ifconfig_pool_remote_ip6:+ address6=$ifconfig_pool_remote_ip6}"
session=${runDirectory}/sessions/$server/$ifconfig_pool_remote_ip
case $script_type in
client-connect)
  echo "<5>session event=connect $who"
  echo "$serial $common_name \${trusted_ip:-$trusted_ip6}:$trusted_port" >"$session"
  ;;
client-disconnect)
  echo "<5>session event=disconnect $who bytes_received=$bytes_received bytes_sent=$bytes_sent duration=$time_duration"
  rm -f "$session"
  ;;
esac
# A client is not to be refused for what could not be noted.
exit 0
`
