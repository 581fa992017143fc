import {isYes} from '../inventory/target.ts'
import {attempt, type LoadContext} from './play-context.ts'
import type {RawPlay} from './read-playbook.ts'
import type {Scope} from './scope.ts'

const lookup = (scope: Scope, name: string): unknown => (scope.definition(name) ? scope.lookup(name) : undefined)

/** Hosts by the user whose rights they take there. Inventory variables win over the play, as in Ansible. */
export const becomeUsers = (
  {raw, at}: Pick<RawPlay, 'raw' | 'at'>,
  hosts: ReadonlyMap<string, Scope>,
  context: LoadContext,
): ReadonlyMap<string | undefined, readonly string[]> => {
  const wants = context.become || raw['become'] === true
  const users = new Map<string | undefined, string[]>()
  for (const [host, scope] of hosts) {
    const result = attempt(context.findings, host, at, () => {
      const own = lookup(scope, 'ansible_become')
      const become = own === undefined ? wants : isYes(own)
      return become ? String(lookup(scope, 'ansible_become_user') ?? raw['become_user'] ?? 'root') : undefined
    })
    if (typeof result === 'object') users.set(result.value, [...(users.get(result.value) ?? []), host])
  }
  return users
}

/** The user whose rights a play takes; all its hosts must agree. */
export const playBecome = (
  play: RawPlay,
  hosts: ReadonlyMap<string, Scope>,
  context: LoadContext,
): string | undefined => {
  const users = becomeUsers(play, hosts, context)
  if (users.size > 1)
    context.findings.add({
      rule: 'not-supported',
      what: 'the hosts of this play would become different users',
      why: [...users].map(([user, names]) => `${names[0]}: ${user ?? 'none'}`).join(', '),
      fix: 'write a play for each of them, or give all the same ansible_become and ansible_become_user',
      at: play.at,
    })
  return [...users.keys()][0]
}
