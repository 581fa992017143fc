/** gatewright-mwan.service. What it set up stays when it stops, so that a dead tracker changes no path. */
export const unit = `# Written by gatewright.
[Unit]
Description=Uplink tracker and policy routing of gatewright
After=network.target gatewright-nft.service
Wants=gatewright-nft.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/local/lib/gatewright/mwan-tracker
Restart=always
RestartSec=1
WatchdogSec=30
TimeoutStartSec=30
StateDirectory=gatewright-mwan
# Before realtime daemons, after nothing that matters less than the uplinks.
Nice=-5
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
`
