import {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {Inventory} from '../inventory/model.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {asText} from './as-text.ts'
import type {RawPlay} from './read-playbook.ts'
import {staticValue} from './static-values.ts'

/** The login user that plays give their hosts by `remote_user`; a connection is shared by all plays. */
export const remoteUsers = (
  plays: readonly RawPlay[],
  inventory: Inventory,
  findings: Findings,
): ReadonlyMap<string, string> => {
  const users = new Map<string, string>()
  for (const {raw, at: playAt, hosts, statics} of plays) {
    if (raw['remote_user'] === undefined || raw['remote_user'] === null) continue
    const at = spotOf(raw, 'remote_user')?.value ?? playAt
    const value = staticValue(raw['remote_user'], at, statics, findings)
    if (value === undefined) continue
    const user = asText(value)
    for (const host of matchHosts(hosts, inventory, {findings: new Findings(), where: 'hosts'})) {
      const other = users.get(host)
      if (other !== undefined && other !== user)
        findings.add({
          rule: 'not-supported',
          what: `remote_user is '${user}' here and '${other}' in another play`,
          why: 'a host is reached once for all plays',
          fix: 'use one of them, and become_user for the rest',
          host,
          at,
        })
      else users.set(host, user)
    }
  }
  return users
}
