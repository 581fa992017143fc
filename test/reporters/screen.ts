// oxlint-disable-next-line no-control-regex -- it reads control sequences
const sequences = /\x1b\[([?\d;]*)([A-Za-z])|([^\x1b])/gu

/** What a terminal of these columns shows at the end, scroll-back included: as much of ECMA-48 as log-update speaks. */
export const screenOf = (bytes: string, columns: number): string[] => {
  const lines: string[][] = [[]]
  let [row, column] = [0, 0]
  const line = (): string[] => (lines[row] ??= [])
  for (const [, parameters = '', command = '', character = ''] of bytes.matchAll(sequences)) {
    const number = Number(parameters || 1)
    if (character === '\n') [row, column] = [row + 1, 0]
    else if (character === '\r') column = 0
    else if (character) {
      if (column === columns) [row, column] = [row + 1, 0]
      line()[column++] = character
    } else if (command === 'A') row = Math.max(0, row - number)
    else if (command === 'B') row += number
    else if (command === 'G') column = number - 1
    else if (command === 'K') lines[row] = parameters === '2' ? [] : line().slice(0, column)
    else if (command === 'J') lines.length = row + 1
  }
  return Array.from(lines, cells =>
    Array.from(cells ?? [], cell => cell ?? ' ')
      .join('')
      .trimEnd(),
  )
}
