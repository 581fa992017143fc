import {Secret} from '../shell/secret.ts'

/** A value where text is wanted: a name, a path. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : value instanceof Secret ? String(value) : (JSON.stringify(value ?? null) ?? '')
