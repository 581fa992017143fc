import {announceProgram, watchProgram} from '../places.ts'

const header = '# Written by gatewright; changes are overwritten.\n'

/** The markers are there before bgpd asks for them, and again whenever the program or its networks have changed. */
export const announceService = `${header}[Unit]
Description=BGP announcements according to the VRRP state
Before=frr.service keepalived.service
After=systemd-networkd.service networking.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${announceProgram}

[Install]
WantedBy=multi-user.target
`

export const watchService = `${header}[Unit]
Description=Whether BGP lets this gateway be VRRP master
After=frr.service
StartLimitIntervalSec=0

[Service]
ExecStart=${watchProgram}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`

/**
 * Debian's file with bgpd and bfdd; options as the package has them. watchfrr kills what starts the daemons after 20 s (watchfrr(8));
 * on a slow or busy gateway that boots, bgpd would be left running without its configuration.
 */
export const daemons = `${header}bgpd=yes
bfdd=yes
vtysh_enable=yes
zebra_options="  -A 127.0.0.1 -s 90000000"
bgpd_options="   -A 127.0.0.1"
bfdd_options="   -A 127.0.0.1"
staticd_options="-A 127.0.0.1"
watchfrr_options="--restart-timeout 120"
`
export const vtyshConf = `${header.replace('#', '!')}service integrated-vtysh-config\n`
