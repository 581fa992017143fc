/** The part of a value that a path leads to, if it is there. */
export const walk = (value: unknown, parts: readonly (string | number)[]): unknown => {
  let held = value
  for (const part of parts) {
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, part)) return undefined
    held = (held as Record<string | number, unknown>)[part]
  }
  return held
}

/** Specials that give only the parts which an expression names. */
export const byPart = new Set(['hostvars', 'groups'])

/** Two such parts in one. */
export const join = (a: unknown, b: unknown): unknown => {
  const result: Record<string, unknown> = {...(a as Record<string, unknown> | undefined)}
  for (const [key, held] of Object.entries(b as Record<string, unknown>))
    result[key] = Array.isArray(held)
      ? held
      : {...(result[key] as Record<string, unknown> | undefined), ...(held as Record<string, unknown>)}
  return result
}
