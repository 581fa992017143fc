import {conntrackTrack} from '../view.ts'
import {followPath} from './follow-script.ts'
import {readyPath} from './ready-script.ts'
import {tmpfiles} from './tmpfiles-conf.ts'

const head = '# Written by gatewright; changes are overwritten.\n'

/** gatewright-vrrp.service: the follower, in a cgroup and with a scheduling policy of its own. */
export const followUnit = `${head}[Unit]
Description=State file and hooks of VRRP
StartLimitIntervalSec=0

[Service]
ExecStartPre=${tmpfiles}
ExecStart=${followPath}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`

/** gatewright-vrrp-ready.service: clears the track that keeps a gateway without connections from being master. */
export const readyUnit = `${head}[Unit]
Description=Wait for the connections of the other gateway (${conntrackTrack})
Wants=conntrackd.service
After=conntrackd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=${tmpfiles}
ExecStart=${readyPath}

[Install]
WantedBy=multi-user.target
`

/**
 * Drop-in of conntrackd.service. Its sockets need the addresses of the sync link, and what a killed daemon leaves of its lock
 * would keep the next one from starting.
 */
export const conntrackdUnitConf = `${head}[Unit]
StartLimitIntervalSec=0
Wants=network-online.target
After=network-online.target

[Service]
ExecStartPre=-/bin/rm -f /run/conntrackd.lock
Restart=always
RestartSec=1
`
