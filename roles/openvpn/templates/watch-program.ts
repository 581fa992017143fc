import type {Instance} from '../view.ts'

/** Seconds between two looks. */
export const watchSeconds = 1

/** /etc/gatewright/openvpn/watch: a line for each device, and one for each route into it. */
export const watchConf = (instances: readonly Instance[]): string =>
  [
    '# Written by gatewright; changes are overwritten.',
    ...instances.flatMap(({unit, device, routes}) => [
      `device ${unit} ${device}`,
      ...routes.map(({network, source}) => `route ${device} ${network} ${source ?? '-'}`),
    ]),
    '',
  ].join('\n')

/**
 * openvpn-watch: what OpenVPN itself does not notice. A device that somebody has deleted needs a new process, and the
 * old one, which reads the lost device without an end, heeds no other signal than KILL; a route needs only the route. Before its first connection a client has no device: its unit says so.
 */
export const watchProgram = `#!/bin/sh
# Written by gatewright; changes are overwritten.
set -u
is_up() {
  systemctl is-active --quiet -- "$1" &&
    [ "$(systemctl show -p StatusText --value -- "$1")" = 'Initialization Sequence Completed' ]
}
look() {
  while read -r kind first second source; do
    case $kind in
    device)
      [ -e "/sys/class/net/$second" ] || ! is_up "$first" || {
        echo "<4>the device $second is gone: $first is killed, and systemd starts it anew"
        systemctl kill --signal=KILL -- "$first"
      }
      ;;
    route)
      case $second in *:*) family=-6 ;; *) family=-4 ;; esac
      [ -e "/sys/class/net/$first" ] && [ -z "$(ip $family route show "$second" dev "$first" 2>/dev/null)" ] || continue
      [ "$source" = - ] && set -- || set -- src "$source"
      ip $family route replace "$second" dev "$first" "$@" 2>/dev/null && echo "<4>the route to $second by $first was gone"
      ;;
    esac
  done </etc/gatewright/openvpn/watch
}
while :; do
  look
  sleep ${watchSeconds}
done
`

/** gatewright-openvpn.service */
export const watchUnit = `# Written by gatewright.
[Unit]
Description=Watches the devices and routes of OpenVPN
After=network.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/lib/gatewright/openvpn-watch
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`
