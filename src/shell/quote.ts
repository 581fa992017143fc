const plain = /^[\w/.\-@:=,+%]+$/

/** Quotes one word for any POSIX shell (XCU 2.2.2): single quotes, never bash's `$'..'`, which dash prints literally. */
export const quote = (word: string): string => {
  if (word.includes('\0')) throw new TypeError('a shell word cannot contain a NUL byte')
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
