import {fail} from './problem.ts'

/** Arguments of a call, by position and by name. */
export type Given = {readonly args: readonly unknown[]; readonly named: ReadonlyMap<string, unknown>}

/**
 * Puts arguments into the places that a function names: `name` must be given, `name=` may be. Unknown, doubled and
 * missing ones are refused as Python refuses them; one that is not given is undefined.
 */
export const bind = (owner: string, names: readonly string[], {args, named}: Given): unknown[] => {
  const plain = names.map(name => name.replace(/=$/, ''))
  if (args.length > plain.length) return fail(`${owner} takes ${plain.length} arguments but ${args.length} were given`)
  const values: unknown[] = plain.map((_, index) => args[index])
  for (const [name, value] of named) {
    const index = plain.indexOf(name)
    if (index < 0)
      return fail(`${owner} has no argument '${name}'`, plain.length ? `it has: ${plain.join(', ')}` : undefined)
    if (index < args.length) return fail(`${owner} got two values for its argument '${name}'`)
    values[index] = value
  }
  const missing = names.find((name, index) => !name.endsWith('=') && values[index] === undefined)
  if (missing !== undefined) return fail(`${owner} needs its argument '${missing}'`)
  return values
}
