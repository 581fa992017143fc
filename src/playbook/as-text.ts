/** A value where text is wanted: a name, a path. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value ?? null) ?? '')
