import type {Position} from '../diagnostic.ts'
import {spotOf} from '../diagnostics/positions.ts'
import {checkKeys} from './check-keys.ts'
import type {RawTask, Written} from './frames.ts'
import type {Around, Reading} from './read-tasks.ts'
import {roleSchema} from './schema.ts'
import {staticValue} from './static-values.ts'
import {tagsIn} from './tags.ts'

/** The entries of `roles:`; a name alone is a mapping with `role`. */
export const readRoles = (items: unknown, at: Position, around: Around, reading: Reading): readonly Written[] =>
  Array.isArray(items)
    ? items.flatMap((given: unknown, index) => {
        const place = spotOf(items, index)?.value ?? at
        const raw = readRole(given, place, reading)
        if (!raw) return []
        const frames = [...around.frames, {owner: 'a role', raw, at: place}]
        const {statics, findings} = reading
        const tags = tagsIn(frames, keyword => staticValue(keyword.value, keyword.at, statics, findings))
        return [{raw, at: place, frames, blocks: [], tags, directory: around.directory}]
      })
    : []

const readRole = (given: unknown, at: Position, {findings}: Reading): RawTask | undefined => {
  if (typeof given === 'string') return {role: given}
  const raw = checkKeys(roleSchema, given, {at, owner: 'a role'}, findings)
  if (!raw || raw['role'] !== undefined || raw['name'] !== undefined) return raw
  findings.add({rule: 'missing-key', what: "a role needs the key 'role'", fix: "add 'role'", at})
  return undefined
}
