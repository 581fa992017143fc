import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {userInfo} from 'node:os'
import {join, resolve} from 'node:path'
import {evidenceOf, type Link, nothing} from '../audit/evidence/chain.ts'
import type {Signer} from '../audit/evidence/keys.ts'
import type {AuditResult} from '../audit/model.ts'
import {auditHtml} from '../audit/report/html.ts'
import {auditJunit} from '../audit/report/junit.ts'
import type {DrillResult} from '../drill/model.ts'
import {isPassed} from '../drill/report/figures.ts'
import type {AuditDesk} from '../playbook/audit-play.ts'
import {redactor} from '../reporters/redact.ts'
import {registeredSecrets} from '../shell/secret.ts'
import type {Io} from './io.ts'
import {reportBase} from './report-base.ts'
import {reportFile} from './report-file.ts'
import {version} from './version.ts'

const dayMs = 86_400_000
const evidenceEnding = '.evidence.jsonl'

/** What an audit needs of this machine. `directory` is where reports of audits and drills are kept. */
export const auditDesk = (io: Io, directory: string, signer: Signer | undefined): AuditDesk => {
  const now = (): number => (io.now?.() ?? new Date()).getTime()
  const kept = resolve(io.cwd, directory)
  return {
    operator: userInfo().username,
    engine: version(),
    drillDays: pair => {
      const passed = reportsOf<DrillResult>(kept, 'drill').filter(
        ({report}) => report.pair === pair && isPassed(report),
      )
      const last = Math.max(...passed.map(({report}) => report.startedMs))
      return passed.length === 0 ? undefined : Math.floor((now() - last) / dayMs)
    },
    previous: hosts => lastOf(kept, hosts)?.report,
    report: async given => {
      const result = redactor(registeredSecrets())(given)
      const base = reportBase(directory, 'audit', result.startedMs)
      const evidence = signer && evidenceOf(result, {...signer, before: sealBefore(kept, result.hosts)})
      const files = {
        '.html': auditHtml(result),
        '.json': `${JSON.stringify(result, undefined, 1)}\n`,
        '.xml': auditJunit(result),
        ...(evidence !== undefined && {[evidenceEnding]: evidence}),
      }
      const written = Object.entries(files).map(([ending, text]) => {
        reportFile('--report', base + ending, io.cwd)(text)
        return base + ending
      })
      return {result, files: written}
    },
  }
}

type Kept<Report> = {readonly base: string; readonly report: Report}

/** Reports on file, the oldest first. What cannot be read is none. */
const reportsOf = <Report>(directory: string, kind: 'audit' | 'drill'): readonly Kept<Report>[] => {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter(name => name.startsWith(`${kind}-`) && name.endsWith('.json'))
    .toSorted()
    .flatMap(name => {
      const base = join(directory, name.slice(0, -'.json'.length))
      try {
        return [{base, report: JSON.parse(readFileSync(`${base}.json`, 'utf8')) as Report}]
      } catch {
        return []
      }
    })
}

const lastOf = (directory: string, hosts: readonly string[]): Kept<AuditResult> | undefined =>
  reportsOf<AuditResult>(directory, 'audit').findLast(({report}) => report.hosts?.join() === hosts.join())

/** The seal of the last audit of the same hosts that was signed. */
const sealBefore = (directory: string, hosts: readonly string[]): string => {
  const signed = reportsOf<AuditResult>(directory, 'audit').findLast(
    ({base, report}) => report.hosts?.join() === hosts.join() && existsSync(base + evidenceEnding),
  )
  if (!signed) return nothing
  const last =
    readFileSync(signed.base + evidenceEnding, 'utf8')
      .trimEnd()
      .split('\n')
      .at(-1) ?? ''
  try {
    return (JSON.parse(last) as Link).hash
  } catch {
    return nothing
  }
}
