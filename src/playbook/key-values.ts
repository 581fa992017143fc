/** Free text of a module taken apart as Ansible does (parsing/splitter.py of ansible-core): `key=value` words and the rest. */
export type KeyValues = {readonly values: ReadonlyMap<string, string>; readonly rest: string}

/** Keys that `command: text` takes out of its text; every other word with `=` belongs to the command. */
const commandKeys = new Set([
  'creates',
  'removes',
  'chdir',
  'executable',
  'warn',
  'stdin',
  'stdin_add_newline',
  'strip_empty_ends',
])

/** undefined: quotes or braces that are never closed, or blanks at the beginning. */
export const readKeyValues = (text: string, isCommand: boolean): KeyValues | undefined => {
  const words = splitWords(text)
  if (!words) return undefined
  const values = new Map<string, string>()
  const rest: string[] = []
  for (const written of words) {
    const word = unescape(written)
    const equals = /(?<=[^\\])=/.exec(word)
    const key = equals ? word.slice(0, equals.index) : ''
    if (!equals) rest.push(word.includes('=') ? word.replaceAll('\\=', '=') : written)
    else if (isCommand && !commandKeys.has(key)) rest.push(written)
    else values.set(key.trim(), unquote(word.slice(equals.index + 1).trim()))
  }
  return {
    values,
    rest: rest.reduce((all, word) => all + (all === '' || all.endsWith('\n') ? '' : ' ') + word, ''),
  }
}

const simple: Readonly<Record<string, string>> = {a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v'}
const unescape = (word: string): string =>
  word.replaceAll(
    /\\(?:U([\da-fA-F]{8})|u([\da-fA-F]{4})|x([\da-fA-F]{2})|([\\'"abfnrtv]))/g,
    (_all, long?: string, short?: string, byte?: string, letter = '') => {
      const code = long ?? short ?? byte
      return code === undefined ? (simple[letter] ?? letter) : String.fromCodePoint(Number.parseInt(code, 16))
    },
  )

const unquote = (text: string): string =>
  text.length > 1 && /^["']/.test(text) && text.at(-1) === text[0] && text.at(-2) !== '\\' ? text.slice(1, -1) : text

const blocks = [
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
] as const

/** Splits on spaces and newlines, but neither in quotes nor in expressions; spaces between words stay at their ends. */
const splitWords = (text: string): readonly string[] | undefined => {
  const words: string[] = []
  let isReadable = true
  const join = (piece: string): void => {
    isReadable &&= words.length > 0
    words.push(`${words.pop() ?? ''}${piece}`)
  }
  const depths = [0, 0, 0]
  let quote = ''
  const lines = text.split('\n')
  for (const [row, line] of lines.entries()) {
    const tokens = line.split(' ')
    let continues = false
    for (const [index, token] of tokens.entries()) {
      if (token === '' && index > 0) {
        join(' ')
        continue
      }
      if (token === '\\' && quote === '') {
        continues = true
        continue
      }
      const wasQuoted = quote !== ''
      quote = quoteAfter(token, quote)
      const wasInside = depths.some(depth => depth > 0)
      const before = [...depths]
      for (const [which, [open, close]] of blocks.entries())
        depths[which] = Math.max(0, (depths[which] ?? 0) + token.split(open).length - token.split(close).length)
      if (wasInside || wasQuoted) {
        const glue = index === 0 && wasQuoted ? '' : tokens.length > 1 ? (index > 0 ? ' ' : '') : '\n'
        join(`${glue}${token}`)
      } else if (quote !== '' || token !== '' || depths.some((depth, which) => depth !== before[which]))
        words.push(token)
    }
    if (row < lines.length - 1 && !continues) join('\n')
  }
  return isReadable && quote === '' && depths.every(depth => depth === 0) ? words : undefined
}

const quoteAfter = (token: string, quote: string): string => {
  let open = quote
  for (const [index, sign] of token.split('').entries())
    if ((sign === '"' || sign === "'") && token[index - 1] !== '\\')
      open = open === '' ? sign : open === sign ? '' : open
  return open
}
