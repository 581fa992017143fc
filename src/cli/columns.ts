const gap = 2
const widest = 32

/** Rows under a head; the last column is folded at its spaces where the line would be too long. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], columns: number): string => {
  const widths = head.map((title, index) =>
    Math.min(widest, Math.max(title.length, ...rows.map(row => row[index]?.length ?? 0))),
  )
  const last = head.length - 1
  const indent = widths.slice(0, last).reduce((sum, width) => sum + width + gap, 0)
  const room = Math.max(20, columns - indent)
  return [head, ...rows]
    .map(row => {
      const start = row
        .slice(0, last)
        .map((cell, index) => cell.padEnd((widths[index] ?? 0) + gap))
        .join('')
      const folded = fold(row[last] ?? '', room).join(`\n${' '.repeat(indent)}`)
      return `${start.length > indent ? `${start.trimEnd()}\n${' '.repeat(indent)}` : start}${folded}`.trimEnd()
    })
    .map(line => `${line}\n`)
    .join('')
}

/** Lines of at most `room` characters where spaces allow it. */
const fold = (text: string, room: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < room) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Cut to a width, with a sign that it was. */
export const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text
