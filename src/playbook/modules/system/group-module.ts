import {group} from '../../../resources/group.ts'
import type {Module} from '../module.ts'
import {mapping, presence, text} from '../schema-parts.ts'
import {localAccounts} from './refusals.ts'

export const groupModule: Module = {
  about: 'A group of the host, or none.',
  example: {name: 'admins', gid: 3000},
  schema: mapping(
    {name: text, state: presence, gid: {type: 'integer'}, system: {type: 'boolean'}, non_unique: {type: 'boolean'}},
    ['name'],
  ),
  refused: {local: localAccounts},
  make: ({non_unique: nonUnique, ...rest}, {notify}) => [
    group({...(rest as {name: string}), ...(nonUnique && {nonUnique}), notify}),
  ],
}
