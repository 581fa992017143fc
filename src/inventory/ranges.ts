/** `gw[01:03]` is gw01, gw02, gw03; `[a:c]` counts letters, a third number is the stride. Undefined: not a range. */
export const expandRange = (pattern: string): readonly string[] | undefined => {
  const found = /^(.*?)\[([^\]]*)\](.*)$/.exec(pattern)
  if (!found) return [pattern]
  const [, before = '', range = '', after = ''] = found
  const parts = /^(\w+):(\w+)(?::(\d+))?$/.exec(range)
  if (!parts) return undefined
  const [, first = '', last = '', step = '1'] = parts
  const steps = Number(step)
  const rest = expandRange(after)
  if (!rest || steps < 1) return undefined
  const names: string[] = []
  if (/^\d+$/.test(first) && /^\d+$/.test(last)) {
    if (Number(first) > Number(last)) return undefined
    const width = first.startsWith('0') ? first.length : 0
    for (let at = Number(first); at <= Number(last); at += steps) names.push(String(at).padStart(width, '0'))
  } else if (/^[a-zA-Z]$/.test(first) && /^[a-zA-Z]$/.test(last) && first <= last) {
    for (let at = first.charCodeAt(0); at <= last.charCodeAt(0); at += steps) names.push(String.fromCharCode(at))
  } else return undefined
  return names.flatMap(name => rest.map(end => before + name + end))
}
