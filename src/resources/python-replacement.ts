import {latin1, type PythonRegex, RegexError} from './python-regex.ts'

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/** A text of Python's `Match.expand`: `\1`, `\g<name>`, `\n`. Throws RegexError. */
export const pythonReplacement = (text: string, regex: PythonRegex): ((match: RegExpExecArray) => string) => {
  const parts: (string | number)[] = []
  let rest = latin1(text)
  while (rest !== '') {
    const [whole, part] = next(rest, regex)
    parts.push(part)
    rest = rest.slice(whole)
  }
  for (const part of parts)
    if (typeof part === 'number' && regex.unstable.has(part))
      throw new RegexError(`it takes over group ${part}, which is repeated and need not match each time`)
  return match => parts.map(part => (typeof part === 'number' ? (match[part] ?? '') : part)).join('')
}

/** How many characters the next part takes, and the text or group that it is. */
const next = (text: string, regex: PythonRegex): [number, string | number] => {
  const plain = /^[^\\]+/.exec(text)
  if (plain) return [plain[0].length, plain[0]]
  const named = /^\\g<([^>]*)>/.exec(text)
  if (named) return [named[0].length, groupOf(named[1] ?? '', regex)]
  const octal = /^\\(0[0-7]{0,2}|[0-7]{3})/.exec(text)
  if (octal) {
    const code = Number.parseInt(octal[1] ?? '', 8)
    if (code > 0o377) throw new RegexError(`'${octal[0]}' is no byte`)
    return [octal[0].length, String.fromCharCode(code)]
  }
  const numbered = /^\\(\d{1,2})/.exec(text)
  if (numbered) return [numbered[0].length, groupOf(numbered[1] ?? '', regex)]
  const sign = text[1]
  if (sign === undefined) throw new RegexError('it ends with a backslash')
  const escaped = escapes[sign]
  if (escaped !== undefined) return [2, escaped]
  if (/[A-Za-z]/.test(sign)) throw new RegexError(`'\\${sign}' has no meaning`)
  return [2, `\\${sign}`]
}

const groupOf = (name: string, {names, groupCount}: PythonRegex): number => {
  const index = /^\d+$/.test(name) ? Number(name) : names.get(name)
  if (index === undefined || index > groupCount)
    throw new RegexError(`it takes over group '${name}', which is not there`)
  return index
}
