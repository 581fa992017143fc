import {join} from 'node:path'
import {exitCodes} from '../playbook/exit-code.ts'
import type {Fleet} from '../playbook/model.ts'
import {accessOptions} from './access-flags.ts'
import {auditDesk} from './audit-desk.ts'
import {table} from './columns.ts'
import {signerFor} from './evidence.ts'
import {loadOptions, type PlayFlags, projectOf} from './flags.ts'
import type {Io} from './io.ts'
import {loadedFor} from './junit-for.ts'
import {runReported} from './run-reported.ts'

export type AuditFlags = PlayFlags & {readonly list?: true; readonly report: string; readonly signKey?: string}

/** `gatewright audit`: checks the project's playbooks/audit.yml, or another one, and reports. It changes nothing. */
export const audit = async (given: string | undefined, flags: AuditFlags, io: Io, command: string): Promise<number> => {
  const project = projectOf(given === undefined ? [] : [given], io.cwd)
  const playbook = given ?? join(project, 'playbooks', 'audit.yml')
  const {load} = await import('../playbook/load.ts')
  const options = {
    ...loadOptions([playbook], flags, io),
    access: await accessOptions(flags, io),
    connects: !flags.list,
  }
  const fleet: Fleet = await loadedFor(flags, io, () => load(options))
  if (flags.list) {
    io.stdout.write(auditList(fleet, io.stdout.columns ?? 80))
    return exitCodes.ok
  }
  const desk = auditDesk(io, flags.report, signerFor(flags, project, io))
  return runReported(fleet, {mode: 'check', flags, io, command, auditDesk: desk})
}

/** `gatewright audit --list`: the controls, in their order. */
const auditList = ({plays}: Fleet, width: number): string =>
  plays
    .flatMap(({audit: asked}) => [...(asked?.values() ?? [])].slice(0, 1))
    .map(({audit: {controls}}) => {
      const rows = controls.map(({id, severity, requirements, title}) => [id, severity, requirements.join(' '), title])
      return table(['CONTROL', 'SEVERITY', 'ANSWERS', 'WHAT SHOULD BE'], rows, width)
    })
    .join('\n')
