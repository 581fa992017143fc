import type {UpdatesView} from '../view/updates.ts'

/** Read after 50unattended-upgrades, whose list is emptied first: lists of apt.conf(5) only grow. */
export const unattendedConf = (view: UpdatesView): string => `\
// Made by gatewright (role hardening): security updates, without what would restart the data plane or the machine.
#clear Unattended-Upgrade::Origins-Pattern;
#clear Unattended-Upgrade::Allowed-Origins;
#clear Unattended-Upgrade::Package-Blacklist;
Unattended-Upgrade::Origins-Pattern {
  "origin=Debian,codename=\${distro_codename},label=Debian-Security";
  "origin=Debian,codename=\${distro_codename}-security,label=Debian-Security";
};
Unattended-Upgrade::Package-Blacklist {
${view.never.map(name => `  "^${name.replaceAll(/[.+]/g, String.raw`[$&]`)}";\n`).join('')}};
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
Unattended-Upgrade::Automatic-Reboot "false";
Unattended-Upgrade::MinimalSteps "true";
Unattended-Upgrade::SyslogEnable "true";
`

/** Not made up for after boot: a gateway that comes back is not to update at once. */
export const timerConf = (at: string): string => `\
# Made by gatewright (role hardening).
[Timer]
OnCalendar=
OnCalendar=*-*-* ${at}
RandomizedDelaySec=0
Persistent=false
`

/** It tells what should be restarted and restarts nothing: Debian's default would restart keepalived and frr. */
export const needrestartConf = `\
# Made by gatewright (role hardening).
$nrconf{restart} = 'l';
$nrconf{kernelhints} = 0;
1;
`
