import {formatValue} from './format-spec.ts'
import {fail} from './problem.ts'
import {repr, str} from './text-of.ts'
import {held, isDict} from './values.ts'

const part = (value: unknown, key: string, bracket: boolean): unknown => {
  if (!bracket) return fail('attributes in a format are not supported', 'write {x[key]}, or use ~')
  if (Array.isArray(value)) return value[Number(key)] ?? fail('list index out of range')
  const found = isDict(value) ? held(value, key) : undefined
  return found ?? fail(`the mapping has no key '${key}'`)
}

/** `text.format(…)` of Python. */
export const formatBraces = (text: string, args: readonly unknown[], named: ReadonlyMap<string, unknown>): string => {
  let next = 0
  const fieldOf = (name: string): unknown => {
    const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(name) ?? []
    let value: unknown
    if (first === '' || /^\d+$/.test(first)) {
      const index = first === '' ? next++ : Number(first)
      if (index >= args.length) return fail(`Replacement index ${index} out of range for positional args tuple`)
      value = args[index]
    } else value = named.has(first) ? named.get(first) : fail(`the format has no value '${first}'`)
    for (const [, dotted, bracket] of rest.matchAll(/\.([^.[]+)|\[([^\]]*)\]/g))
      value = part(value, dotted ?? bracket ?? '', bracket !== undefined)
    return value
  }
  const expand = (source: string, depth: number): string =>
    source.replaceAll(
      /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g,
      (whole, name: string | undefined, conversion: string | undefined, spec: string | undefined) => {
        if (whole === '{{') return '{'
        if (whole === '}}') return '}'
        if (name === undefined) return fail(`Single '${whole}' encountered in format string`)
        const value = fieldOf(name)
        const shown = conversion === undefined ? value : conversion === 's' ? str(value) : repr(value)
        return formatValue(shown, depth > 0 ? (spec ?? '') : expand(spec ?? '', depth + 1))
      },
    )
  return expand(text, 0)
}
