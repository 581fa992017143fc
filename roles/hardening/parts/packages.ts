import {pkg, type Resource} from 'gatewright'
import type {HardeningVars} from '../schema.ts'

/** Of every part but the firewall, whose package another role may bring too: installed at once, which is faster. */
export const packageResources = (vars: HardeningVars, mayAudit: boolean): readonly Resource[] => {
  const wanted = [
    ...(vars.audit && mayAudit ? [auditd] : []),
    ...(vars.time ? [chrony] : []),
    ...(vars.updates ? [needrestart, unattended] : []),
    ...(vars.logs && vars.log_server !== undefined ? [rsyslog] : []),
  ]
  if (wanted.length === 0) return []
  return [
    pkg({
      name: wanted.map(({name}) => name),
      provides: {
        units: wanted.flatMap(({units}) => units),
        directories: wanted.flatMap(({directories}) => directories),
        files: wanted.flatMap(({files}) => files),
      },
    }),
  ]
}

type Package = {
  readonly name: string
  readonly units: readonly string[]
  readonly directories: readonly string[]
  readonly files: readonly string[]
}

const auditd: Package = {
  name: 'auditd',
  units: ['auditd'],
  directories: ['/etc/audit', '/etc/audit/rules.d'],
  files: ['/etc/audit/auditd.conf'],
}
const chrony: Package = {name: 'chrony', units: ['chrony'], directories: [], files: []}
const needrestart: Package = {
  name: 'needrestart',
  units: [],
  directories: ['/etc/needrestart', '/etc/needrestart/conf.d'],
  files: [],
}
const rsyslog: Package = {name: 'rsyslog', units: ['rsyslog'], directories: ['/etc/rsyslog.d'], files: []}
const unattended: Package = {
  name: 'unattended-upgrades',
  units: ['unattended-upgrades'],
  directories: [],
  files: [],
}
