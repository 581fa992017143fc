import {user} from '../../../resources/user.ts'
import {Secret} from '../../../shell/secret.ts'
import type {Module} from '../module.ts'
import {mapping, presence, text} from '../schema-parts.ts'
import {localAccounts, onlyOn} from './refusals.ts'

const sshKey = {
  why: 'a private key that a host makes for itself is known to nobody before',
  fix: "make the key on the control machine, and send it with 'copy'",
}
const flag = {type: 'boolean'} as const
const number = {type: 'integer'} as const

export const userModule: Module = {
  about:
    'An account of the host, or none. A password is a hash of crypt(3), `!` or `*`; it is compared, and sent through stdin.',
  example: {name: 'deploy', groups: ['sudo'], append: true, shell: '/bin/bash'},
  aliases: {user: 'name', createhome: 'create_home'},
  schema: mapping(
    {
      name: text,
      state: presence,
      uid: number,
      non_unique: flag,
      group: text,
      groups: {type: 'array', items: {type: 'string'}, description: 'a list of groups'},
      append: {...flag, description: 'to add to the groups it has, instead of exactly these'},
      comment: {type: 'string'},
      home: {...text, pattern: '^/', description: 'an absolute path'},
      create_home: {...flag, description: 'true unless given'},
      move_home: flag,
      skeleton: {...text, pattern: '^/', description: 'an absolute path'},
      umask: {type: 'string', pattern: '^[0-7]{3,4}$', description: 'three octal digits in quotes'},
      shell: text,
      system: flag,
      password: {...text, secret: true, writeOnly: true},
      update_password: {enum: ['always', 'on_create']},
      password_lock: flag,
      password_expire_min: number,
      password_expire_max: number,
      expires: {type: 'number', description: 'seconds since 1970; negative means never'},
      remove: flag,
      force: flag,
    },
    ['name'],
  ),
  refused: {
    local: localAccounts,
    hidden: onlyOn('macOS'),
    login_class: onlyOn('BSD'),
    profile: onlyOn('Solaris'),
    authorization: onlyOn('Solaris'),
    role: onlyOn('Solaris'),
    seuser: onlyOn('hosts with SELinux'),
    ...Object.fromEntries(
      ['generate_ssh_key', 'bits', 'type', 'file', 'comment', 'passphrase'].map(name => [
        name === 'generate_ssh_key' ? name : `ssh_key_${name}`,
        sshKey,
      ]),
    ),
  },
  make: ({groups, password, ...given}, {notify}) => [
    user({
      ...(Object.fromEntries(
        Object.entries(given).map(([key, value]) => [
          key.replaceAll(/_(.)/g, (_all, letter: string) => letter.toUpperCase()),
          value,
        ]),
      ) as {name: string}),
      ...(groups !== undefined && {
        groups: (groups as string[])
          .flatMap(name => name.split(','))
          .map(name => name.trim())
          .filter(name => name !== ''),
      }),
      ...(password !== undefined && {password: password instanceof Secret ? password : new Secret(String(password))}),
      notify,
    }),
  ],
}
