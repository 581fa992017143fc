const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * `gw[01:03]` is gw01, gw02, gw03; `[a:c]` counts letters, a third number is the stride, an omitted first one is 0.
 * Undefined: not a range.
 */
export const expandRange = (pattern: string): readonly string[] | undefined => {
  if (!pattern.includes('[')) return [pattern]
  const [, before = '', first = '', last = '', step = '1', after = ''] =
    /^([^[]*)\[(\w*):(\w+)(?::(\d+))?\](.*)$/s.exec(pattern) ?? []
  const names = between(first || '0', last, Number(step))
  const rest = names && expandRange(after)
  return rest && names.flatMap(name => rest.map(end => before + name + end))
}

const between = (first: string, last: string, step: number): readonly string[] | undefined => {
  const numbers = /^\d+$/.test(first) && /^\d+$/.test(last)
  if (!numbers && (first.length !== 1 || last.length !== 1)) return undefined
  const padded = numbers && first.length > 1 && first.startsWith('0')
  const from = numbers ? Number(first) : letters.indexOf(first)
  const to = numbers ? Number(last) : letters.indexOf(last)
  if (step < 1 || from < 0 || from > to || (padded && first.length !== last.length)) return undefined
  return Array.from({length: Math.floor((to - from) / step) + 1}, (_, index) => {
    const at = from + index * step
    return numbers ? String(at).padStart(padded ? first.length : 0, '0') : (letters[at] ?? '')
  })
}
