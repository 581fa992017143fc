import {directory, file, handler, type Resource, service} from 'gatewright'
import {auditSocket} from '../resources/audit-socket.ts'
import type {HardeningVars} from '../schema.ts'
import {auditdConf, auditdUnit, auditRules, journaldConf, rsyslogConf} from '../templates/logs.ts'
import type {LogsView} from '../view/logs.ts'

export const logResources = (vars: HardeningVars, view: LogsView): readonly Resource[] => [
  ...(vars.logs ? journal(view) : []),
  ...(vars.logs && view.server ? forwarding(view.server) : []),
  ...(vars.audit ? [auditSocket(), ...(view.audit.isPossible ? audit(view) : [])] : []),
]

const journal = (view: LogsView): Resource[] => [
  directory({path: '/etc/systemd/journald.conf.d'}),
  file({
    path: '/etc/systemd/journald.conf.d/50-gatewright.conf',
    content: journaldConf(view),
    notify: [handler(service.restart('systemd-journald'))],
  }),
]

const forwarding = (server: NonNullable<LogsView['server']>): Resource[] => [
  file({
    path: '/etc/rsyslog.d/00-gatewright.conf',
    content: rsyslogConf(server),
    notify: [handler(service.restart('rsyslog'))],
  }),
  service({name: 'rsyslog', enabled: true, running: true}),
]

const audit = (view: LogsView): Resource[] => {
  const reload = handler(service.reload('auditd'))
  return [
    directory({path: '/etc/systemd/system/auditd.service.d'}),
    file({path: '/etc/systemd/system/auditd.service.d/gatewright.conf', content: auditdUnit}),
    file({path: '/etc/audit/auditd.conf', content: auditdConf(view), mode: '0640', notify: [reload]}),
    file({path: '/etc/audit/rules.d/50-gatewright.rules', content: auditRules, mode: '0640', notify: [reload]}),
    service({name: 'auditd', enabled: true, running: true}),
  ]
}
