import type {LogsView} from '../view/logs.ts'

export const journaldConf = (view: LogsView): string => `\
# Made by gatewright (role hardening): ${view.retentionDays} days, in at most ${view.maxUse} MiB.
[Journal]
Storage=persistent
Compress=yes
SystemMaxUse=${view.maxUse}M
SystemMaxFileSize=${Math.max(8, Math.min(128, Math.floor(view.maxUse / 16)))}M
SystemKeepFree=512M
MaxRetentionSec=${view.retentionDays}day
ForwardToSyslog=${view.server ? 'yes' : 'no'}
`

/** A copy only: the journal is the place where logs are kept. */
export const rsyslogConf = ({host, port}: {readonly host: string; readonly port: number}): string => `\
# Made by gatewright (role hardening): everything goes to the log server, and waits on disk while it does not answer.
*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp"
  queue.type="LinkedList" queue.filename="gatewright-forward" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"
  action.resumeRetryCount="-1")
# Nothing is written to /var/log a second time.
*.* stop
`

export const auditdConf = ({audit}: LogsView): string => `\
# Made by gatewright (role hardening). A full disk must not stop a gateway: its peer's fills at the same time.
local_events = yes
write_logs = yes
log_file = /var/log/audit/audit.log
log_group = adm
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = ${audit.fileMib}
num_logs = ${audit.files}
max_log_file_action = ROTATE
priority_boost = 4
name_format = HOSTNAME
space_left = 20%
space_left_action = SYSLOG
admin_space_left = 10%
admin_space_left_action = SYSLOG
disk_full_action = SYSLOG
disk_error_action = SYSLOG
q_depth = 2000
overflow_action = SYSLOG
max_restarts = 10
plugin_dir = /etc/audit/plugins.d
end_of_event_timeout = 2
`

/** Who changed what of the machine's security; nothing per packet or per system call of a daemon. */
export const auditRules = `\
# Made by gatewright (role hardening).
-w /etc/passwd -p wa -k identity
-w /etc/group -p wa -k identity
-w /etc/shadow -p wa -k identity
-w /etc/gshadow -p wa -k identity
-w /etc/sudoers -p wa -k scope
-w /etc/sudoers.d -p wa -k scope
-w /etc/ssh -p wa -k sshd
-w /etc/gatewright -p wa -k gateway
-w /etc/systemd/system -p wa -k units
-w /etc/sysctl.d -p wa -k sysctl
-w /etc/audit -p wa -k audit
-w /usr/sbin/nft -p x -k firewall
-w /usr/bin/kmod -p x -k modules
-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -F auid>=1000 -F auid!=unset -k time-change
-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -F auid>=1000 -F auid!=unset -k modules
-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0 -F auid>=1000 -F auid!=unset -k user-emulation
`

export const auditdUnit = `\
# Made by gatewright (role hardening).
[Service]
# Debian's unit cannot be reloaded: auditd reads its own file, the kernel gets the rules.
ExecReload=/bin/kill -HUP $MAINPID
ExecReload=/sbin/augenrules --load
`
