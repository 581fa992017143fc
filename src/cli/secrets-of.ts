import type {Fleet} from '../playbook/model.ts'
import {Secret} from '../shell/secret.ts'

/** Every secret that a run knows of, revealed: for the emitter, which masks them. */
export const secretsOf = (fleet: Fleet): readonly string[] => {
  const found = new Set<string>()
  const seen = new Set<object>()
  const walk = (value: unknown): void => {
    if (value instanceof Secret) found.add(value.reveal())
    else if (value !== null && typeof value === 'object' && !seen.has(value)) {
      seen.add(value)
      for (const inner of value instanceof Map ? value.values() : Object.values(value)) walk(inner)
    }
  }
  for (const {target, variables} of fleet.hosts.values()) {
    walk(variables)
    for (const password of [target.password, target.passphrase, target.become?.password])
      if (password) found.add(password)
  }
  for (const {entries} of fleet.plays) for (const entry of entries) if ('call' in entry) walk(entry.call.vars)
  return [...found]
}
