export const logsSchema = {
  logs: {
    type: 'boolean',
    default: true,
    description: 'Whether this role keeps the journal: persistent, and large enough for `log_days`.',
  },
  log_days: {type: 'integer', minimum: 1, default: 190, description: 'Days for which logs are kept.'},
  log_rate: {
    type: 'number',
    exclusiveMinimum: 0,
    default: 10,
    description: 'MiB that the journal grows by in a day, measured on the host (`journalctl --disk-usage`).',
  },
  log_max_use: {
    type: 'integer',
    minimum: 64,
    description: 'MiB that the journal may take. Unless given, `log_rate` times `log_days`.',
  },
  log_server: {
    type: 'string',
    description: 'Where a copy of all logs goes, by syslog over TCP (rsyslog, kept on disk while it does not answer).',
    examples: ['10.10.254.9:514', '[fd00:254::9]:6514'],
  },
  audit: {
    type: 'boolean',
    default: true,
    description: 'Whether this role keeps auditd. A container cannot have it, and says so.',
  },
  audit_max_use: {
    type: 'integer',
    minimum: 16,
    default: 1024,
    description: 'MiB that the records of auditd may take before the oldest are overwritten.',
  },
} as const
