import type {VrrpView} from '../view.ts'
import {startPath} from './start-script.ts'
import {tmpfiles} from './tmpfiles-conf.ts'

/**
 * Drop-in of keepalived.service, which in Debian has no Restart line: a daemon that died would stay dead. It starts again after
 * the peer has taken over: the addresses are still there until then, and a new keepalived begins by removing them.
 */
export const unitConf = ({
  realtimePriority,
  advertInterval,
  downTimerAdverts,
}: Pick<
  VrrpView,
  'realtimePriority' | 'advertInterval' | 'downTimerAdverts'
>): string => `# Written by gatewright; changes are overwritten.
[Unit]
StartLimitIntervalSec=0
Wants=gatewright-vrrp.service
After=gatewright-vrrp.service

[Service]
NotifyAccess=all
ExecStartPre=${tmpfiles}
${realtimePriority > 0 ? `ExecStart=\nExecStart=${startPath} --dont-fork $DAEMON_ARGS\n` : ''}Restart=always
RestartSec=${Math.ceil((downTimerAdverts + 1) * advertInterval * 1000) + 500}ms
`
