import type {Position} from '../diagnostic.ts'
import type {Findings} from '../diagnostics/findings.ts'
import {nearest} from '../diagnostics/nearest.ts'
import {copyMarks, markEntry} from '../diagnostics/positions.ts'
import {EvaluationError, NeedsFacts} from '../playbook/evaluation-error.ts'
import type {Scope} from '../playbook/scope.ts'
import {openAll} from '../playbook/taint.ts'
import {validate} from '../playbook/validate.ts'
import {registerSecret} from '../shell/secret.ts'
import {connectionVariables, ignoredVariables, ownVariables, unsupportedVariables} from './connection-names.ts'
import {aliases, hostSchema} from './host-schema.ts'

/** They are masked in all output, also where they stand unencrypted in an inventory. */
const passwords = ['ansible_password', 'ansible_become_password', 'ansible_ssh_private_key_passphrase']

const known: readonly string[] = [
  ...connectionVariables,
  ...ignoredVariables,
  ...unsupportedVariables.keys(),
  ...ownVariables,
]

const checkNames = (host: string, scope: Scope, findings: Findings): void => {
  for (const name of scope.names()) {
    const at = scope.definition(name)?.spot?.key
    const place = {...(at && {at}), host}
    const reason = unsupportedVariables.get(name)
    if (reason)
      findings.add({
        rule: 'not-supported',
        what: `'${name}' cannot be honoured`,
        why: reason,
        fix: 'remove it',
        ...place,
      })
    if (!/^[A-Za-z_]\w*$/.test(name))
      findings.add({
        rule: 'variable-name',
        what: `'${name}' cannot name a variable`,
        why: 'expressions could not use it',
        fix: `write '${name.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_')}'`,
        ...place,
      })
    if (known.includes(name) || !/^(ansible|gatewright)_/.test(name)) continue
    const near = nearest(name, known)
    const family = /^(ansible_ssh|ansible_become|gatewright)_/.test(name)
    if (near !== undefined || family)
      findings.add({
        rule: 'unknown-variable',
        what: `the connection variable '${name}' is unknown`,
        fix:
          near === undefined
            ? `known: ${[...connectionVariables, ...ownVariables].filter(other => other.startsWith(name.slice(0, 12))).join(', ')}`
            : `did you mean '${near}'?`,
        ...place,
      })
  }
}

/** Connection variables, pair, site and links of a host, evaluated and checked; what is wrong is left out. */
export const hostVariables = (host: string, scope: Scope, findings: Findings): Readonly<Record<string, any>> => {
  checkNames(host, scope, findings)
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(hostSchema.properties)) {
    const used = [name, ...(aliases[name] ?? [])].find(candidate => scope.definition(candidate))
    if (used === undefined) continue
    const spot = scope.definition(used)?.spot
    try {
      values[name] = scope.lookup(used)
      if (spot) markEntry(values, name, spot)
    } catch (error) {
      report(error, host, name, spot?.value, findings)
    }
  }
  const problems = validate(hostSchema, values, {noun: 'variable'})
  for (const problem of problems) findings.add({...problem, host})
  // Where a secret may stand was checked; what it connects with has to be known.
  const checked = openAll(problems.length ? valid(values) : values) as Readonly<Record<string, any>>
  for (const name of passwords) if (checked[name] !== undefined) registerSecret(String(checked[name]))
  return checked
}

const valid = (values: Record<string, unknown>): Record<string, unknown> =>
  copyMarks(
    values,
    Object.fromEntries(
      Object.entries(values).filter(([name, value]) => validate(hostSchema, {[name]: value}).length === 0),
    ),
  )

const report = (error: unknown, host: string, name: string, at: Position | undefined, findings: Findings): void => {
  if (error instanceof NeedsFacts)
    findings.add({
      rule: 'needs-facts',
      what: `'${name}' uses ${error.message.replace(/ is a fact$/, '')}, a fact of the host`,
      why: 'it is needed before the host is reached',
      fix: 'use inventory variables only',
      host,
      ...(at && {at}),
    })
  else if (error instanceof EvaluationError) findings.add(error.toDiagnostic(host, at))
  else throw error
}
