// oxlint-disable-next-line no-control-regex -- it is what must not reach a terminal
const unseen = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g

const caret = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `^${String.fromCodePoint(code ^ 0x40)}`
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}

/** Lines of a command's output; of one that was written over (a progress bar) what it came to. */
export const outputLines = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map(line => visible(line.trimEnd().replace(/^.*\r/, '')))

/** Control characters, marks of direction and characters without width as signs that can be seen: `^[`, `<U+202E>`. */
export const visible = (text: string): string => text.replaceAll(unseen, caret)
