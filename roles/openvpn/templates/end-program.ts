import {library} from '../places.ts'

/**
 * openvpn-end SERVER ADDRESS...: ends the sessions of clients by their addresses inside the tunnel. The number that the management
 * interface wants is in its own status: CLIENT_LIST, common name, real address, virtual address, ..., client ID (the 11th).
 */
export const endProgram = `#!/bin/sh
# Written by gatewright; changes are overwritten.
socket=/run/openvpn-server/$1.sock
shift
for address; do
  id=$(${library}/openvpn-tell "$socket" 'status 3' |
    awk -F '\\t' -v address="$address" '$1 == "CLIENT_LIST" && $4 == address { print $11 }')
  [ -z "$id" ] || ${library}/openvpn-tell "$socket" "client-kill $id" || exit
done
`
