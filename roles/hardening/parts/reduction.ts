import {file, type Resource, service} from 'gatewright'
import {fileMode} from '../resources/file-mode.ts'
import type {HardeningVars} from '../schema.ts'
import {modprobeConf} from '../templates/modprobe-conf.ts'

/** CIS 7.1 and 2.4.1: files of accounts, of scheduled jobs and of the SSH server. */
const modes = (): Resource[] => [
  ...['/etc/passwd', '/etc/passwd-', '/etc/group', '/etc/group-'].map(path => fileMode(path, '0644')),
  ...['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-'].map(path => fileMode(path, '0640', 'shadow')),
  ...['/etc/ssh/sshd_config', '/etc/crontab'].map(path => fileMode(path, '0600')),
  ...['hourly', 'daily', 'weekly', 'monthly', 'd'].map(when => fileMode(`/etc/cron.${when}`, '0700')),
]

export const reductionResources = (vars: HardeningVars): readonly Resource[] => [
  file({path: '/etc/modprobe.d/gatewright-hardening.conf', content: modprobeConf(vars.modules_disabled)}),
  ...vars.services_disabled.map(name => service({name, enabled: false, running: false})),
  ...modes(),
]
