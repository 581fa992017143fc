import type {Findings} from '../diagnostics/findings.ts'
import {isYes} from '../inventory/target.ts'
import {asText} from './as-text.ts'
import {toBoolean} from './boolean.ts'
import {type Frame, keyword} from './frames.ts'
import {omit} from './host-scopes.ts'
import {attempt, type LoadContext} from './play-context.ts'
import type {Scope} from './scope.ts'

const lookup = (scope: Scope, name: string): unknown => (scope.definition(name) ? scope.lookup(name) : undefined)

const valueOf = (frames: readonly Frame[], name: string, scope: Scope): unknown => {
  const written = keyword(frames, name)
  const value = written && scope.open(written.value, written.at)
  return value === omit ? undefined : value
}

/** The user whose rights are taken on a host. Its variables win over keywords, as in Ansible. */
export const becomeUser = (frames: readonly Frame[], scope: Scope, flag: boolean): string | undefined => {
  const own = lookup(scope, 'ansible_become')
  const written = valueOf(frames, 'become', scope)
  const wants = own === undefined ? (written === undefined ? flag : toBoolean(written, 'become')) : isYes(own)
  return wants
    ? asText(lookup(scope, 'ansible_become_user') ?? valueOf(frames, 'become_user', scope) ?? 'root')
    : undefined
}

const sayings = {
  become_method: {variable: 'ansible_become_method', usual: ['sudo']},
  connection: {variable: 'ansible_connection', usual: ['ssh', 'smart']},
}

/** What concerns the connection as a whole is the inventory's to say; a keyword may only say the same. */
export const checkAgreement = (
  name: keyof typeof sayings,
  frames: readonly Frame[],
  hosts: ReadonlyMap<string, Scope>,
  findings: Findings,
): void => {
  const written = keyword(frames, name)
  const {variable, usual} = sayings[name]
  if (!written) return
  const agrees = (said: string): boolean =>
    said === asText(written.value) || [said, asText(written.value)].every(one => usual.includes(one))
  for (const [host, scope] of hosts) {
    const found = attempt(findings, host, written.at, () => lookup(scope, variable))
    if (typeof found === 'object' && !agrees(asText(found.value ?? usual[0])))
      findings.add({
        rule: 'not-supported',
        what: `'${name}: ${asText(written.value)}' is not what the inventory says of its hosts`,
        why: 'a host is reached once for all plays',
        fix: `set ${variable} in the inventory`,
        host,
        at: written.at,
      })
  }
}

/** The same for every host of these; it must be known before any is reached. */
export const becomeUsers = (
  frames: readonly Frame[],
  hosts: ReadonlyMap<string, Scope>,
  {findings, become}: Pick<LoadContext, 'findings' | 'become'>,
): ReadonlyMap<string, string | undefined> => {
  checkAgreement('become_method', frames, hosts, findings)
  return new Map(
    [...hosts].map(([host, scope]) => {
      const at = (keyword(frames, 'become_user') ?? keyword(frames, 'become'))?.at
      const result = attempt(findings, host, at, () => becomeUser(frames, scope, become))
      if (result === 'later')
        findings.add({
          rule: 'not-supported',
          what: 'the user to become depends on facts or results',
          why: 'it must be known before the first connection',
          fix: 'use variables of the inventory or the play',
          host,
          ...(at && {at}),
        })
      return [host, typeof result === 'object' ? result.value : undefined]
    }),
  )
}
