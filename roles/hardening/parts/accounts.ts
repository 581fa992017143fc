import {$, authorizedKey, fileset, group, type Resource, user} from 'gatewright'
import {sudoers} from '../templates/sudoers.ts'
import type {AccountsView} from '../view/accounts.ts'

/** Before sshd: whoever may log in is in the right group when it asks for that. */
export const accountResources = ({loginGroup, operators, removed}: AccountsView): readonly Resource[] => [
  group({name: loginGroup}),
  ...operators.flatMap(({name, comment, groups, keys}) => [
    user({name, groups, shell: '/bin/bash', ...(comment !== undefined && {comment})}),
    ...(keys.length === 0 ? [] : [authorizedKey({user: name, key: keys.join('\n'), exclusive: true})]),
  ]),
  fileset({
    name: 'sudoers',
    files: [{path: '/etc/sudoers.d/10-gatewright', content: sudoers(operators), mode: '0440'}],
    check: $`visudo -c -q`,
    // sudo reads it each time.
    confirm: $`:`,
  }),
  ...removed.map(name => user({name, state: 'absent'})),
]
