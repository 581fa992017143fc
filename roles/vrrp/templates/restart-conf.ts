/** Debian's keepalived.service has no Restart line: a daemon that died would stay dead. */
export const restartConf = (): string => `# Written by gatewright; changes are overwritten.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
`
