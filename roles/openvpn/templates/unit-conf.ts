import {library} from '../places.ts'
import type {Instance, ServerView} from '../view.ts'

/**
 * Drop-in of openvpn-server@NAME and openvpn-client@NAME. Debian's client unit has no Restart at all, the server's stays down after a
 * clean end; one that hears no SIGTERM (its last words take 2 s) would hold a stop up for 90 s. `+`: with all privileges, before the unit gives them up.
 */
export const unitConf = (
  {side, name}: Pick<Instance, 'side' | 'name'>,
  lines: readonly string[] = [],
): string => `# Written by gatewright.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
TimeoutStopSec=10
ExecStartPre=+${library}/openvpn-start ${side} ${name}
${lines.map(line => `${line}\n`).join('')}`

/**
 * A server that stops where its virtual address has gone to the peer already. Its last words, RESTART to each client, need that
 * address as their source: it stands on lo meanwhile, where nothing answers ARP for it (arp_ignore), so that clients go to the new
 * master at once and do not wait for their timeout.
 */
export const followLines = ({address}: Pick<ServerView, 'address'>): readonly string[] =>
  address === undefined
    ? []
    : [
        `ExecStop=+-/bin/sh -c '[ -n "$(ip -o address show to ${address})" ] || ip address add ${address} dev lo'`,
        `ExecStopPost=+-/bin/sh -c 'ip address delete ${address} dev lo 2>/dev/null; :'`,
      ]
