import type {HardeningVars} from '../schema.ts'
import type {Exception} from './sysctl.ts'

export type LogsView = {
  /** MiB. */
  readonly maxUse: number
  readonly retentionDays: number
  readonly server: {readonly host: string; readonly port: number} | undefined
  readonly audit: {readonly isPossible: boolean; readonly fileMib: number; readonly files: number}
}

export const logsView = (vars: HardeningVars, isContainer: boolean): LogsView => {
  const [, host = '', port = '514'] = /^(.+?)(?::(\d+))?$/.exec(vars.log_server ?? '') ?? []
  const fileMib = Math.max(8, Math.ceil(vars.audit_max_use / 64))
  return {
    maxUse: vars.log_max_use ?? Math.ceil(vars.log_rate * vars.log_days),
    retentionDays: vars.log_days,
    server: host === '' ? undefined : {host: host.replaceAll(/^\[|\]$/g, ''), port: Number(port)},
    audit: {isPossible: !isContainer, fileMib, files: Math.max(2, Math.floor(vars.audit_max_use / fileMib))},
  }
}

/** CIS 6.3.2.3 wants the host halted when audit records have no room: both gateways of a pair fill up together. */
export const logExceptions = (vars: HardeningVars): readonly Exception[] =>
  vars.audit
    ? [
        {
          control: '6.3.2.3',
          what: 'auditd disk_full_action',
          recommended: 'halt or single',
          set: 'syslog',
          reason: 'the disks of a pair fill together: halting would stop both gateways; an alert is sent instead',
        },
      ]
    : []
