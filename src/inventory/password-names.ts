import {aliases} from './host-schema.ts'

/** Variables whose values are never shown, encrypted or not. */
export const passwordNames: ReadonlySet<string> = new Set(
  ['ansible_password', 'ansible_become_password'].flatMap(name => [name, ...(aliases[name] ?? [])]),
)
