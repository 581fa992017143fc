/** Lines of a secret that are masked one by one: long enough not to be a common word. */
const isTelling = (line: string): boolean => line.length >= 16 || (line.length >= 8 && /\d/.test(line))

const literal = (sign: string): string => sign.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)

/** Backslashes before it, any number of them: text may be escaped for JSON, Python and a shell one after the other. */
const special: Readonly<Record<string, string>> = {
  '\\': String.raw`(?:\\+|%5[cC])`,
  '"': String.raw`(?:\\*"|%22|&quot;|&#34;|\\+u0022)`,
  "'": String.raw`(?:'\\*"\\*'\\*"'|'\\+''|\\*'|%27|&apos;|&#0?39;|&#x27;|\\+u0027)`,
  '\n': String.raw`(?:\r?\n|(?:\\+r)?\\+n|(?:%0[dD])?%0[aA]|&#10;|&#xA;)`,
  '\r': String.raw`(?:\r|\\+r|%0[dD])?`,
  '\t': String.raw`(?:\t|\\+t|%09|&#9;)`,
  ' ': String.raw`(?: |%20|\+)`,
  '&': String.raw`(?:&(?:amp;)?|%26|\\+u0026)`,
  '<': String.raw`(?:<|&lt;|%3[cC]|\\+u003[cC])`,
  '>': String.raw`(?:>|&gt;|%3[eE]|\\+u003[eE])`,
}

const eitherCase = (digits: string): string => digits.replaceAll(/[a-f]/g, digit => `[${digit}${digit.toUpperCase()}]`)
const hexOf = (code: number, length = 2): string => eitherCase(code.toString(16).padStart(length, '0'))

/** One character as it may turn up in text: itself, or escaped for JSON, Python, a shell, XML or a URL. */
const signPattern = (sign: string): string => {
  const known = special[sign]
  if (known !== undefined) return known
  const code = sign.codePointAt(0) ?? 0
  if (code > 0x20 && code < 0x7f) {
    if (/[\w.~-]/.test(sign)) return literal(sign)
    return String.raw`(?:\\*${literal(sign)}|%${hexOf(code)})`
  }
  const bytes = [...Buffer.from(sign)]
  const escapes = [
    literal(sign),
    bytes.map(byte => `%${hexOf(byte)}`).join(''),
    bytes.map(byte => String.raw`\\+${byte.toString(8).padStart(3, '0')}`).join(''),
    bytes.map(byte => String.raw`\\+x${hexOf(byte)}`).join(''),
    sign
      .split('')
      .map(unit => String.raw`\\+u${hexOf(unit.charCodeAt(0), 4)}`)
      .join(''),
    String.raw`\\+x${hexOf(code)}`,
    String.raw`\\+U${hexOf(code, 8)}`,
    `&#${code};`,
  ]
  return `(?:${escapes.join('|')})`
}

const longestBytes = 4096

/** Regular expressions for a secret as it may turn up in text: all of it, and its lines one by one. */
export const secretPatterns = (secret: string): string[] => {
  const lines = secret
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(isTelling)
  const whole = secret.length <= longestBytes ? [secret, secret.trim()] : []
  return [...new Set([...whole, ...lines])].map(plain => Array.from(plain, signPattern).join(''))
}
