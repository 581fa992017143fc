import {type Monitored, monitored} from 'gatewright'
import type {DeviceVars, WireguardVars} from './view.ts'

/** Who is not reached for, as a laptop, may be away. */
const isExpected = ({endpoint, keepalive}: DeviceVars['peers'][number]): boolean =>
  endpoint !== undefined && keepalive !== 0

/** The name of each peer and whether it is to be there, by device and public key, the next one of a change of keys too. */
const namesOf = (devices: readonly DeviceVars[]): string =>
  devices
    .flatMap(({name, peers}) =>
      peers.flatMap(peer =>
        [peer.public_key, ...(peer.next_public_key === undefined ? [] : [peer.next_public_key])].map(
          key => `${name} ${key} ${peer.name} ${isExpected(peer) ? 1 : 0}\n`,
        ),
      ),
    )
    .join('')

/** wg(8), `show all dump`: five fields for a device, the private key among them, and nine for a peer. */
const program = (devices: readonly DeviceVars[]): string => String.raw`{
cat <<'END'
${namesOf(devices)}END
for device in ${devices.map(({name}) => name).join(' ')}; do
  wg show $device dump 2>/dev/null | awk -v device=$device -F '\t' -v OFS=' ' 'NF == 8 { print device, $1, $5, $6, $7, $3 }'
done
} | awk '
  NF == 4 { names[$1 " " $2] = $3; isExpected[$1 " " $2] = $4 }
  NF == 6 && ($1 " " $2) in names {
    key = "name=\"" $1 "\",peer=\"" names[$1 " " $2] "\""
    # Of the present and the next key of a peer the one that it uses.
    if (!(key in shook)) order[++count] = key
    if ($3 + 0 >= shook[key] + 0) { shook[key] = $3; endpoint[key] = $6 }
    received[key] += $4; sent[key] += $5; expected[key] = isExpected[$1 " " $2]
  }
  function all(name, type, help, values,   i) {
    print "# HELP gatewright_wireguard_" name " " help "\n# TYPE gatewright_wireguard_" name " " type
    for (i = 1; i <= count; i++) print "gatewright_wireguard_" name "{" order[i] "} " values[order[i]]
  }
  END {
    all("handshake_seconds", "gauge", "when the last handshake was, in Unix time; 0: never", shook)
    all("expected", "gauge", "whether the peer is to be there all the time", expected)
    all("received_bytes_total", "counter", "bytes from the peer", received)
    all("sent_bytes_total", "counter", "bytes to the peer", sent)
    print "# HELP gatewright_wireguard_endpoint_info where the peer is now\n# TYPE gatewright_wireguard_endpoint_info gauge"
    for (i = 1; i <= count; i++) print "gatewright_wireguard_endpoint_info{" order[i] ",endpoint=\"" endpoint[order[i]] "\"} 1"
  }'
`

/** What monitoring watches: each device, with the peers that are to be there all the time. */
export const watched = ({devices}: WireguardVars): Monitored[] =>
  devices.map(({name, follow, peers}) =>
    monitored({
      what: 'wireguard',
      name,
      device: name,
      peers: peers.filter(isExpected).map(peer => peer.name),
      ...(follow !== undefined && {follows: true as const}),
      metrics: {name: 'wireguard', program: program(devices)},
    }),
  )
