import {Findings} from '../diagnostics/findings.ts'
import {spotOf} from '../diagnostics/positions.ts'
import type {Inventory} from '../inventory/model.ts'
import {matchHosts} from '../inventory/patterns.ts'
import {hostPattern, type RawPlay} from './read-playbook.ts'

/** The login user that plays give their hosts by `remote_user`; a connection is shared by all plays. */
export const remoteUsers = (
  plays: readonly RawPlay[],
  inventory: Inventory,
  findings: Findings,
): ReadonlyMap<string, string> => {
  const users = new Map<string, string>()
  for (const {raw} of plays) {
    const user: unknown = raw['remote_user']
    if (typeof user !== 'string') continue
    for (const host of matchHosts(hostPattern(raw['hosts']), inventory, {
      findings: new Findings(),
      where: 'hosts',
    })) {
      const other = users.get(host)
      const at = spotOf(raw, 'remote_user')?.value
      if (other !== undefined && other !== user)
        findings.add({
          rule: 'not-supported',
          what: `remote_user is '${user}' here and '${other}' in another play`,
          why: 'a host is reached once for all plays',
          fix: 'use one of them, and become_user for the rest',
          host,
          ...(at && {at}),
        })
      else users.set(host, user)
    }
  }
  return users
}
