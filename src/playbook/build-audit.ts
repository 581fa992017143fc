import {readAudit} from '../audit/read-audit.ts'
import {type AuditSettings, auditSchema} from '../audit/schema.ts'
import type {Position} from '../diagnostic.ts'
import {placeOf, spotOf} from '../diagnostics/positions.ts'
import {conditionsOf, holds} from './conditions.ts'
import {inText, located} from './evaluation-error.ts'
import {readExpression} from './expression.ts'
import {isMapping} from './mapping.ts'
import type {HostAudit} from './model.ts'
import {attempt, orInvalid, type PlayContext} from './play-context.ts'
import {refuseSections} from './refuse-sections.ts'
import type {Scope} from './scope.ts'
import {validate} from './validate.ts'

const conditions = ['applies', 'passes'] as const

/** The audit of a play for each of its hosts, its settings as that host sees the variables. */
export const buildAudit = (play: PlayContext, chosen: readonly string[]): ReadonlyMap<string, HostAudit> => {
  const {play: written} = play
  const at = spotOf(written.raw, 'audit')?.value ?? written.at
  refuseSections('audit', 'an audit changes nothing', play)
  const controls = controlsOf(written.raw['audit'])
  checkConditions(controls, at, play)
  const audits = new Map<string, HostAudit>()
  for (const host of chosen) {
    const scope = play.hosts.get(host)
    const audit = scope && auditOf(host, scope, at, play)
    if (!scope || !audit) continue
    audits.set(host, {
      audit,
      holds: (control, key, values, facts) => {
        const known = scope.knowing({facts, registered: {get: () => undefined}})
        const full = Object.entries(values).reduce((own, [name, value]) => own.withValue(name, value), known)
        return orInvalid(host, at, () => holds(conditionsOf(controls[control] ?? {}, key), full))
      },
    })
  }
  return audits
}

const controlsOf = (raw: unknown): readonly Readonly<Record<string, unknown>>[] => {
  const list: unknown = isMapping(raw) ? raw['controls'] : undefined
  return Array.isArray(list) ? list.map(each => (isMapping(each) ? each : {})) : []
}

/** They are evaluated when something was seen; what can never be is told before. */
const checkConditions = (
  controls: readonly Readonly<Record<string, unknown>>[],
  at: Position,
  {findings}: PlayContext,
): void => {
  for (const control of controls)
    for (const key of conditions) {
      const text = control[key]
      if (typeof text !== 'string') continue
      const place = spotOf(control, key)?.value ?? at
      try {
        const {problem} = readExpression(text)
        if (problem) throw problem
      } catch (error) {
        findings.add(located(inText(error, text), place).toDiagnostic(undefined))
      }
    }
}

const auditOf = (host: string, scope: Scope, at: Position, {findings, play}: PlayContext) => {
  const raw: unknown = play.raw['audit']
  const opened = attempt(findings, host, at, () => scope.value(raw, at))
  if (opened === 'later')
    findings.add({
      rule: 'needs-facts',
      what: "'audit' uses facts or results",
      why: 'what is asked is known before the first connection',
      fix: "use them in 'passes' and 'applies'",
      at,
    })
  if (typeof opened === 'string') return undefined
  const problems = validate(auditSchema, opened.value, {owner: "'audit'", at})
  for (const problem of problems) findings.add({...problem, host})
  if (problems.length > 0) return undefined
  const {audit, problems: own} = readAudit(opened.value as AuditSettings)
  for (const {path, what, fix} of own) findings.add({rule: 'audit', what, fix, host, at: placeOf(raw, path) ?? at})
  return audit
}
