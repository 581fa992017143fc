import {collectProgram, sinceFile} from '../places.ts'
import type {Pace} from '../watched.ts'

/** gatewright-monitoring@.service: the pace. */
export const collectUnit = `# Written by gatewright.
[Unit]
Description=Metrics of gatewright's roles (%i)

[Service]
Type=oneshot
ExecStartPre=sh -c '[ -e ${sinceFile} ] || : >${sinceFile}'
ExecStart=${collectProgram} %i
StateDirectory=gatewright-monitoring
Nice=5
TimeoutStartSec=60
`

export const timer = (pace: Pace, seconds: number): string => `# Written by gatewright.
[Unit]
Description=Metrics of gatewright's roles each ${seconds} s

[Timer]
OnBootSec=5
OnUnitActiveSec=${seconds}
AccuracySec=1
Unit=gatewright-monitoring@${pace}.service

[Install]
WantedBy=timers.target
`

/** A daemon that listens on one address tries until the address is there. */
export const patientUnit = `# Written by gatewright.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=2
`
