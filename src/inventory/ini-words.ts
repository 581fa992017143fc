/** A word of a line and the offset at which it begins. */
export type Word = {readonly text: string; readonly offset: number}

const blank = /[ \t\r\n]/

/**
 * Splits a line as Python's `shlex.split(line, comments=True)` does: quotes may stand inside of words, `#` ends the line
 * wherever it is not quoted. Undefined when a quote stays open.
 */
export const iniWords = (line: string): readonly Word[] | undefined => {
  const words: Word[] = []
  let text = ''
  let offset = -1
  let quote = ''
  const end = (): void => {
    if (offset >= 0) words.push({text, offset})
    text = ''
    offset = -1
  }
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at)
    if (quote !== '') {
      if (char === quote) quote = ''
      else if (char === '\\' && quote === '"') {
        const next = line.charAt(++at)
        if (next === '') return undefined
        text += next === '"' || next === '\\' ? next : `\\${next}`
      } else text += char
      continue
    }
    if (blank.test(char)) {
      end()
      continue
    }
    if (char === '#') break
    if (offset < 0) offset = at
    if (char === '"' || char === "'") quote = char
    else if (char === '\\') {
      if (++at >= line.length) return undefined
      text += line.charAt(at)
    } else text += char
  }
  if (quote !== '') return undefined
  end()
  return words
}
