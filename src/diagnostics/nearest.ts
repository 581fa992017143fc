/** Edits between two words; two letters that changed places are one. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let row = Array.from({length: b.length + 1}, (_, index) => index)
  for (const [i, x] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, y] of b.split('').entries()) {
      const swapped = i > 0 && j > 0 && x === b[j - 1] && a[i - 1] === y ? (before[j - 1] ?? 0) + 1 : Infinity
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (x === y ? 0 : 1), swapped))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** The known name that a misspelt one most likely means. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  const limit = Math.max(1, Math.floor(name.length / 3))
  let best: {name: string; away: number} | undefined
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > limit) continue
    const away = distance(name.toLowerCase(), candidate.toLowerCase())
    if (away <= limit && (!best || away < best.away)) best = {name: candidate, away}
  }
  return best?.name
}

const most = 12

/** What to do about an unknown name: the nearest one, else the names there are. */
export const suggest = (name: string, known: Iterable<string>): string | undefined => {
  const names = [...known]
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean '${near}'?`
  if (names.length === 0) return undefined
  return `known: ${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''}`
}
