import {programs, runDirectory} from '../places.ts'

const head = '# Written by gatewright; changes are overwritten.\n'

/** gatewright-wireguard.service. The devices stay when it stops: they are units of their own. */
export const watchUnit = `${head}[Unit]
Description=Watcher of the WireGuard devices of gatewright: sessions, names, self-healing
After=network.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${programs}/wireguard-watch
SyslogIdentifier=gatewright-wireguard
Restart=always
RestartSec=1
WatchdogSec=30
TimeoutStartSec=30
StateDirectory=gatewright-wireguard
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`

/**
 * Drop-in of wg-quick@<device>.service. The packaged unit is oneshot and stays, which is right: a tunnel is no process. A first try
 * that fails is repeated, and a reload changes the device in place.
 */
export const deviceConf = `${head}[Unit]
StartLimitIntervalSec=0

[Service]
ExecReload=
ExecReload=${programs}/wireguard-reload %i
Restart=on-failure
RestartSec=2
TimeoutStopSec=5
`

export const endpointsUnit = 'gatewright-wireguard-endpoints'

/**
 * systemd itself listens, on the sync link alone, and each caller gets one file: where the peers of this gateway are. Nothing is
 * read from the network.
 */
export const endpointsSocket = ({
  address,
  port,
  device,
}: {
  address: string
  port: number
  device: string
}): string => `${head}[Unit]
Description=Endpoints of the WireGuard peers, for the other gateway

[Socket]
ListenStream=${address.includes(':') ? `[${address}]` : address}:${port}
BindToDevice=${device}
FreeBind=yes
Accept=yes
MaxConnections=8
TriggerLimitIntervalSec=0

[Install]
WantedBy=sockets.target
`

export const endpointsService = `${head}[Unit]
Description=Tells the other gateway where the WireGuard peers are

[Service]
ExecStart=-/bin/cat ${runDirectory}/endpoints
StandardInput=null
StandardOutput=socket
StandardError=null
# Not a line for each of the calls, of which there is one each 2 s.
LogLevelMax=warning
DynamicUser=yes
NoNewPrivileges=yes
ProtectHome=yes
RestrictAddressFamilies=none
CapabilityBoundingSet=
TimeoutStartSec=5
`
