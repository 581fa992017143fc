import type {AuditRecord, AuditResult, Control, SeenItem} from '../../src/audit/model.ts'
import {readAudit} from '../../src/audit/read-audit.ts'
import {type AuditSettings, auditSchema} from '../../src/audit/schema.ts'
import {validate} from '../../src/playbook/validate.ts'

const startedMs = Date.UTC(2026, 10, 30, 2, 0, 0)

export const control = (more: Partial<Control> = {}): Control => ({
  id: 'filter',
  title: 'Everything is dropped that is not declared',
  rationale: 'What no role asks for must not come in.',
  severity: 'critical',
  requirements: [],
  references: [],
  resources: [],
  ...more,
})

export const item = (more: Partial<SeenItem> = {}): SeenItem => ({
  id: 'file /etc/ssh/sshd_config',
  kind: 'file',
  play: 0,
  role: 'hardening',
  verdict: 'ok',
  tentative: false,
  changes: [],
  steps: [],
  ...more,
})

/** Settings as the loader reads them: defaults filled in, or what is wrong. */
export const read = (settings: object) => {
  const copy = structuredClone(settings) as AuditSettings
  const invalid = validate(auditSchema, copy).map(({what}) => what)
  return {invalid, ...(invalid.length === 0 && readAudit(copy))}
}

const record = (more: Partial<AuditRecord>): AuditRecord => ({
  control: 'filter',
  severity: 'critical',
  host: 'gw1',
  verdict: 'pass',
  because: [],
  isDrift: false,
  hostKeys: ['ssh-ed25519 SHA256:abc'],
  evidence: [
    {
      what: 'resource',
      of: 'nft-table filter',
      command: 'nft list table',
      observed: 'as desired',
      atMs: startedMs + 900,
    },
  ],
  ...more,
})

export const passedResult: AuditResult = {
  format: 1,
  run: '20261130T020000Z-abcdef',
  engine: '0.1.0',
  operator: 'ops',
  startedMs,
  endedMs: startedMs + 8000,
  hosts: ['gw1', 'gw2'],
  controls: [
    {...control(), requirements: ['R1'], references: ['CIS Debian 12 Benchmark 4.3']},
    {...control({id: 'sshd', title: 'SSH <takes> keys', severity: 'high'}), expected: 'no passwords'},
  ].map(({id, title, rationale, severity, requirements, references, expected}) => ({
    id,
    title,
    rationale,
    severity,
    requirements,
    references,
    ...(expected !== undefined && {expected}),
  })),
  requirements: [
    {id: 'R1', text: 'Nothing comes in unasked'},
    {id: 'R2', text: 'Costs are known', without: 'no host knows them'},
  ],
  records: [
    record({}),
    record({host: 'gw2'}),
    record({control: 'sshd', severity: 'high'}),
    record({control: 'sshd', severity: 'high', host: 'gw2'}),
  ],
}

export const failedResult: AuditResult = {
  ...passedResult,
  records: [
    record({
      verdict: 'fail',
      because: ['nft-table filter differs: chain input'],
      isDrift: true,
      repair: 'gatewright play',
    }),
    record({host: 'gw2', verdict: 'not evaluated', because: ['gw2 did not answer'], evidence: []}),
    record({
      control: 'sshd',
      severity: 'high',
      verdict: 'fail',
      because: ['expected: no passwords', 'seen: <script>alert(1)</script>'],
      repair: 'look & mend',
    }),
    record({
      control: 'sshd',
      severity: 'high',
      host: 'gw2',
      verdict: 'waived',
      because: ['seen: passwordauthentication yes'],
      waiver: {
        control: 'sshd',
        hosts: ['gw2'],
        who: 'A. Smith',
        why: 'until the key cards are there',
        until: '2026-12-31',
      },
    }),
  ],
  since: {
    run: passedResult.run,
    startedMs: startedMs - 86_400_000,
    moved: [{control: 'filter', host: 'gw1', was: 'pass', is: 'fail'}],
  },
}
