import type {VrrpView} from '../view.ts'
import {tmpfiles} from './tmpfiles-conf.ts'

/**
 * Drop-in of keepalived.service, which in Debian has no Restart line: a daemon that died would stay dead. Realtime
 * scheduling is asked for here, by the program that becomes keepalived, and not in keepalived.conf: with `vrrp_rt_priority`
 * keepalived 2.2.7 sets the realtime time limit of its VRRP process to zero on each reload, and the kernel kills it within
 * seconds. And not by CPUSchedulingPolicy, with which a host that refuses it could not start the unit (214/SETSCHEDULER).
 */
export const unitConf = ({
  realtimePriority,
}: Pick<VrrpView, 'realtimePriority'>): string => `# Written by gatewright; changes are overwritten.
[Unit]
StartLimitIntervalSec=0
Wants=gatewright-vrrp.service
After=gatewright-vrrp.service

[Service]
NotifyAccess=all
ExecStartPre=${tmpfiles}
${realtimePriority > 0 ? startInRealtime(realtimePriority) : ''}Restart=always
RestartSec=1
`

const startInRealtime = (priority: number): string => `ExecStart=
ExecStart=/bin/sh -c 'chrt --rr ${priority} true && exec chrt --rr ${priority} "$0" "$@"; exec "$0" "$@"' \
/usr/sbin/keepalived --dont-fork $DAEMON_ARGS
`
