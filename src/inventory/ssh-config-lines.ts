import type {Position} from '../diagnostic.ts'

/** One line of an ssh_config file. */
export type ConfigLine = {readonly keyword: string; readonly words: readonly string[]; readonly at: Position}

/** Reads the text of an ssh_config file (ssh_config(5)). */
export const configLines = (text: string, file: string): ConfigLine[] =>
  text.split('\n').flatMap((line, index): ConfigLine[] => {
    const match = /^(\s*)([^\s=#"]+)(?:\s*=\s*|\s+|$)(.*?)\s*$/.exec(line)
    if (match === null) return []
    const [, indent = '', keyword = '', rest = ''] = match
    const at = {file, line: index + 1, column: indent.length + 1}
    return [{keyword: keyword.toLowerCase(), words: configWords(rest), at}]
  })

/** Words of a line: quotes hold spaces, a backslash takes quotes and itself, `#` at the start of a word ends the line. */
export const configWords = (text: string): string[] => {
  const words: string[] = []
  const pattern = /\s*(#.*$|(?:"(?:\\["\\]|[^"])*"?|'(?:\\['\\]|[^'])*'?|\\[\s"'\\]|[^\s"'])+)/g
  for (const [, word = ''] of text.matchAll(pattern)) {
    if (word.startsWith('#')) break
    words.push(
      word.replace(/"((?:\\["\\]|[^"])*)"?|'((?:\\['\\]|[^'])*)'?|\\([\s"'\\])/g, (_all, double, single, escaped) =>
        String(escaped ?? (double ?? single ?? '').replace(/\\(["'\\])/g, '$1')),
      ),
    )
  }
  return words
}

/** Whether `text` fits a pattern of ssh_config: `*` and `?`. */
export const fits = (text: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text)

/** Whether one of the patterns fits and none of those with `!` does. */
export const fitsList = (text: string, patterns: readonly string[]): boolean =>
  patterns.some(pattern => !pattern.startsWith('!') && fits(text, pattern)) &&
  !patterns.some(pattern => pattern.startsWith('!') && fits(text, pattern.slice(1)))
