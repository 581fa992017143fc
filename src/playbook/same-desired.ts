import {Command} from '../shell/command.ts'
import {Secret} from '../shell/secret.ts'

/** Secrets and what commands read print alike, so they are revealed for the comparison; the order of keys says nothing. */
export const sameDesired = (one: object, other: object): boolean => revealed(one) === revealed(other)

const revealed = (desired: object): string =>
  JSON.stringify(desired, function (this: Record<string, unknown>, key, value: unknown) {
    const raw = this[key]
    if (raw instanceof Secret) return {secret: raw.reveal()}
    if (raw instanceof Command) return {command: raw.text, stdin: raw.stdin}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
