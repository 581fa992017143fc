import {InvalidInput} from '../../../diagnostic.ts'
import {placeOf} from '../../../diagnostics/positions.ts'
import {authorizedKey} from '../../../resources/authorized-key.ts'
import type {Module} from '../module.ts'
import {mapping, path, presence, text} from '../schema-parts.ts'

const flag = {type: 'boolean'} as const

export const authorizedKeyModule: Module = {
  about: 'Public keys with which a user may log in. With `exclusive`, the file holds nothing else.',
  example: {user: 'deploy', key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJxw deploy@laptop'},
  schema: mapping(
    {
      user: text,
      key: {...text, description: 'public keys, one a line'},
      state: presence,
      key_options: {type: 'string'},
      comment: {type: 'string'},
      exclusive: flag,
      path,
      manage_dir: {...flag, description: 'true unless given'},
      follow: flag,
    },
    ['user', 'key'],
  ),
  refused: {validate_certs: {why: 'keys are not fetched from the network', fix: 'remove it'}},
  make: (parameters, {notify, at}) => {
    const {key_options: options, manage_dir: manageDirectory, ...rest} = parameters
    if (/^https?:/.test(String(rest['key'])))
      throw new InvalidInput([
        {
          rule: 'not-supported',
          what: 'keys are not fetched from the network',
          why: 'whoever serves them could log in',
          fix: 'keep them in a file, and write key: "{{ lookup(\'file\', …) }}"',
          at: placeOf(parameters, ['key']) ?? at,
        },
      ])
    return [
      authorizedKey({
        ...(rest as {user: string; key: string}),
        ...(options !== undefined && {options}),
        ...(manageDirectory !== undefined && {manageDirectory}),
        notify,
      }),
    ]
  },
}
