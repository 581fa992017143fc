import type {VrrpView} from '../view.ts'

/**
 * Drop-in of keepalived.service, which in Debian has no Restart line: a daemon that died would stay dead. Realtime
 * scheduling stands here, systemd.exec(5), and not in keepalived.conf: with `vrrp_rt_priority` keepalived 2.2.7 sets the
 * realtime time limit of its VRRP process to zero on each reload, and the kernel kills it within seconds.
 */
export const unitConf = ({
  realtimePriority,
}: Pick<VrrpView, 'realtimePriority'>): string => `# Written by gatewright; changes are overwritten.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
${realtimePriority > 0 ? `CPUSchedulingPolicy=rr\nCPUSchedulingPriority=${realtimePriority}\n` : ''}`
