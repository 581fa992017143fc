import {stripVTControlCharacters} from 'node:util'

/** Columns that `text` takes, colours not counted. */
export const widthOf = (text: string): number => Array.from(stripVTControlCharacters(text)).length

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text

/** Cut at the end; for uncoloured text. */
export const truncate = (text: string, width: number): string =>
  widthOf(text) <= width
    ? text
    : `${Array.from(text)
        .slice(0, Math.max(0, width - 1))
        .join('')}…`

/**
 * Breaks at spaces only: a path or a host name stays whole, even when it alone is longer than a line. Every line after
 * the first starts with `indent` spaces.
 */
export const wrap = (text: string, width: number, indent = 0): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > width) {
      lines.push(line)
      line = ' '.repeat(indent) + word
    } else line = longer
  }
  return [...lines, line]
}

/** `a, b, c and 4 more` */
export const listed = (names: readonly string[], shown: number): string =>
  names.length <= shown + 1 ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`

/** `0.4 s`, `12 s`, `3 min 5 s` */
export const duration = (ms: number): string => {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
